// Every query of the gateway: a session's route, tickets, and which host of a finite list belongs to which session.
import type { Tx } from "@/lib/db";
import type { Prisma, Ticket } from "@/prisma/generated/client";

const routeColumns = {
  id: true,
  ownerId: true,
  name: true,
  template: true,
  cluster: true,
  unixAccount: true,
  state: true,
  endDetail: true,
  nodeAddress: true,
  port: true,
  secretSealed: true,
  connectionId: true,
} satisfies Prisma.SessionSelect;

export type RouteRow = Prisma.SessionGetPayload<{ select: typeof routeColumns }> & { host: string | null };

/** What the gateway must know of a session, and its host where hosts are a finite list. No owner's scope: it compares. */
export async function readRoute(tx: Tx, sessionId: string): Promise<RouteRow | null> {
  const row = await tx.session.findUnique({ where: { id: sessionId }, select: routeColumns });
  if (!row) return null;
  const assigned = await tx.appHost.findUnique({ where: { sessionId } });
  return { ...row, host: assigned?.host ?? null };
}

export async function findOwnedState(tx: Tx, ownerId: string, sessionId: string): Promise<string | null> {
  const row = await tx.session.findFirst({ where: { id: sessionId, ownerId }, select: { state: true } });
  return row?.state ?? null;
}

export async function insertTicket(tx: Tx, ticket: Omit<Ticket, "usedAt">): Promise<void> {
  // Old ones are of no use to anybody.
  await tx.ticket.deleteMany({ where: { expiresAt: { lt: new Date(Date.now() - 3_600_000) } } });
  await tx.ticket.create({ data: ticket });
}

/** Uses up a ticket: of any number of attempts one gets it. Null when it is unknown, used or expired. */
export async function useTicket(tx: Tx, hash: string, now: Date): Promise<Ticket | null> {
  const used = await tx.ticket.updateMany({
    where: { hash, usedAt: null, expiresAt: { gt: now } },
    data: { usedAt: now },
  });
  return used.count === 1 ? tx.ticket.findUnique({ where: { hash } }) : null;
}

/** Notes that a person used the session, unless a later use is noted already. The row's revision stays: nothing was decided. */
export async function touchSession(tx: Tx, sessionId: string, at: Date): Promise<void> {
  const where = { id: sessionId, OR: [{ lastActivityAt: null }, { lastActivityAt: { lt: at } }] };
  await tx.session.updateMany({ where, data: { lastActivityAt: at } });
}

/** A host of `hosts` for this session: the one it has, else a free one, the longest unused first; null when all are taken. `tx` holds "app-hosts". */
export async function assignHost(tx: Tx, sessionId: string, hosts: string[]): Promise<string | null> {
  const rows = await tx.appHost.findMany({ where: { host: { in: hosts } } });
  const own = rows.find((row) => row.sessionId === sessionId);
  if (own) return own.host;
  const ids = rows.map((row) => row.sessionId).filter((id) => id !== null);
  const live = await tx.session.findMany({ where: { id: { in: ids }, state: { not: "ended" } }, select: { id: true } });
  const taken = new Set(rows.filter((row) => live.some(({ id }) => id === row.sessionId)).map((row) => row.host));
  const assignedAt = (host: string) => rows.find((row) => row.host === host)?.assignedAt?.getTime() ?? 0;
  const [host] = hosts.filter((name) => !taken.has(name)).sort((one, other) => assignedAt(one) - assignedAt(other));
  if (host === undefined) return null;
  // A host taken out of the list may still be noted for this session.
  await tx.appHost.updateMany({ where: { sessionId }, data: { sessionId: null } });
  const facts = { sessionId, assignedAt: new Date() };
  await tx.appHost.upsert({ where: { host }, create: { host, ...facts }, update: facts });
  return host;
}
