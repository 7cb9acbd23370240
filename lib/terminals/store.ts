// Every query of terminals and their tickets.
import type { Tx } from "@/lib/db";
import { PortalError } from "@/lib/errors";
import type { Prisma, Terminal, TerminalTicket } from "@/prisma/generated/client";

export type TerminalRow = Terminal;

const LIVE = { in: ["new", "open"] };

export async function insertTerminal(tx: Tx, row: Prisma.TerminalUncheckedCreateInput): Promise<TerminalRow> {
  return tx.terminal.create({ data: row });
}

export async function listLive(tx: Tx, ownerId: string): Promise<TerminalRow[]> {
  return tx.terminal.findMany({ where: { ownerId, state: LIVE } });
}

/** Those that live, the most recently used first, and then those that ended since `since`, the last one first. */
export async function listTerminals(tx: Tx, ownerId: string, since: Date): Promise<TerminalRow[]> {
  return tx.terminal.findMany({
    where: { ownerId, OR: [{ state: LIVE }, { endedAt: { gt: since } }] },
    orderBy: [{ endedAt: { sort: "desc", nulls: "first" } }, { lastActivityAt: "desc" }, { id: "asc" }],
    take: 100,
  });
}

/** The owner's terminal, or `not_found`. */
export async function readTerminal(tx: Tx, ownerId: string, id: string): Promise<TerminalRow> {
  const row = await tx.terminal.findFirst({ where: { id, ownerId } });
  if (!row) throw new PortalError("not_found", "No such terminal");
  return row;
}

export async function renameTerminal(tx: Tx, id: string, name: string): Promise<TerminalRow> {
  return tx.terminal.update({ where: { id }, data: { name } });
}

/** Marks it ended; false when it had ended before. */
export async function endTerminal(tx: Tx, id: string, endDetail: string): Promise<boolean> {
  const data = { state: "ended", endDetail, endedAt: new Date(), holder: null, holderUntil: null };
  return (await tx.terminal.updateMany({ where: { id, state: LIVE }, data })).count === 1;
}

/** Of claims the database's clock decides: those of several processes may differ. */
async function clock(tx: Tx): Promise<Date> {
  const [row] = await tx.$queryRaw<{ now: Date }[]>`select clock_timestamp() as now`;
  if (!row) throw new Error("The database does not say what time it is.");
  return row.now;
}

/** Resolves when the database is there. */
export async function knock(tx: Tx): Promise<void> {
  await clock(tx);
}

const isNobodys = (now: Date, mayTakeOver: boolean) => [
  { holder: null },
  ...(mayTakeOver ? [{ holderUntil: { lt: now } }] : []),
];

/** `mayTakeOver`: also from a process whose claim has run out. */
type Claim = { holder: string; seconds: number; heldBy?: string; mayTakeOver: boolean };

/**
 * Takes the terminal for a process of the portal for some seconds, or keeps it: of several one gets it. False when another
 * has it or it ended.
 */
export async function holdTerminal(
  tx: Tx,
  id: string,
  { holder, seconds, mayTakeOver, ...more }: Claim,
): Promise<boolean> {
  const now = await clock(tx);
  const isFree = [{ holder }, ...isNobodys(now, mayTakeOver)];
  const data = { ...more, holder, holderUntil: new Date(now.getTime() + seconds * 1000), state: "open" };
  return (await tx.terminal.updateMany({ where: { id, state: LIVE, OR: isFree }, data })).count === 1;
}

export async function touchTerminal(tx: Tx, id: string, at: Date): Promise<void> {
  await tx.terminal.updateMany({ where: { id, lastActivityAt: { lt: at } }, data: { lastActivityAt: at } });
}

/** Gives up a claim, so that the next process need not wait for it to run out. */
export async function releaseTerminals(tx: Tx, holder: string, id?: string): Promise<void> {
  await tx.terminal.updateMany({ where: { holder, id }, data: { holder: null, holderUntil: null } });
}

/** Shells that lived in a portal process that is gone. */
export async function listAbandoned(tx: Tx, mayTakeOver: boolean): Promise<TerminalRow[]> {
  const isGone = isNobodys(await clock(tx), mayTakeOver);
  return tx.terminal.findMany({ where: { state: "open", heldBy: "portal", OR: isGone }, take: 200 });
}

type Idle = { before: Date; me: string; mayTakeOver: boolean };

/** Not used since `before`, of those that no other process holds: that one knows who looks. */
export async function listIdle(tx: Tx, { before, me, mayTakeOver }: Idle): Promise<TerminalRow[]> {
  const isOurs = [{ holder: me }, ...isNobodys(await clock(tx), mayTakeOver)];
  return tx.terminal.findMany({ where: { state: LIVE, lastActivityAt: { lt: before }, OR: isOurs }, take: 200 });
}

/** Ended since `since`, though nobody could yet see to it that tmux ended them too; the newest first. */
export async function listStillHeld(tx: Tx, since: Date): Promise<TerminalRow[]> {
  const where = { state: "ended", heldBy: "tmux", endedAt: { gt: since } };
  return tx.terminal.findMany({ where, orderBy: { endedAt: "desc" }, take: 5000 });
}

/** It ended before anybody knew that tmux holds it. */
export async function rememberHeld(tx: Tx, id: string): Promise<void> {
  await tx.terminal.updateMany({ where: { id, state: "ended" }, data: { heldBy: "tmux" } });
}

/** tmux has ended it. */
export async function forgetHeld(tx: Tx, id: string): Promise<void> {
  await tx.terminal.updateMany({ where: { id, state: "ended" }, data: { heldBy: null } });
}

export async function readTerminalById(tx: Tx, id: string): Promise<TerminalRow | null> {
  return tx.terminal.findUnique({ where: { id } });
}

export async function insertTicket(tx: Tx, ticket: TerminalTicket): Promise<void> {
  await tx.terminalTicket.deleteMany({ where: { expiresAt: { lt: new Date(Date.now() - 3_600_000) } } });
  await tx.terminalTicket.create({ data: ticket });
}

/** Uses up a ticket: of any number of attempts one gets it. Null when it is unknown, used or expired. */
export async function useTicket(tx: Tx, hash: string, now: Date): Promise<TerminalTicket | null> {
  const found = await tx.terminalTicket.findUnique({ where: { hash } });
  const used = await tx.terminalTicket.deleteMany({ where: { hash, expiresAt: { gt: now } } });
  return used.count === 1 ? found : null;
}
