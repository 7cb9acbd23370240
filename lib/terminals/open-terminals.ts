// The terminals that this process has open. Opens a shell when its first viewer comes, holds the row's claim while it lives,
// and ends it when it is told to, when its shell ends, or when nobody used it for too long.
import { randomBytes } from "node:crypto";
import type { PersonActor } from "@/lib/actor";
import { recordEvent } from "@/lib/audit/record-event";
import { config } from "@/lib/config";
import { db, listen, notify, transaction } from "@/lib/db";
import { PortalError } from "@/lib/errors";
import { log } from "@/lib/log";
import { endInTmux, endStillHeld } from "@/lib/terminals/end-in-tmux";
import { hasJobEnded, isHeld, openShell, type Shell } from "@/lib/terminals/open-shell";
import { type Contact, inContact, mayTakeOver } from "@/lib/terminals/rules";
import type { ScreenSize } from "@/lib/terminals/schema";
import type { TerminalRow } from "@/lib/terminals/store";
import * as store from "@/lib/terminals/store";
import { type OpenTerminal, openTerminal } from "@/lib/terminals/terminal";

const CLAIM_SECONDS = 30;
const RENEW_MS = 10_000;
const TOUCH_MS = 20_000;
const END_AGAIN_MS = 60_000;

const portalGone = "The portal was restarted, and there is no tmux on the cluster that would have held the shell.";

const tmuxGone =
  "The shell that tmux held is gone: the login node was restarted, or tmux was ended there, or processes are ended at logout there.";
const connectionGone = "The connection to the login node was lost, and the shell with it.";
const jobEnded = "The session's job has ended, and the shell inside it with it.";
const heldElsewhere =
  "Another process of the portal holds this terminal. If that one died, the terminal is free within a minute.";

/** What a viewer is told when there is no terminal any more. */
type Ended = (detail: string) => void;

/** `over`: what viewers were told at its end; one that comes then is told the same. */
export type Live = { row: TerminalRow; terminal: OpenTerminal; onEnd: Set<Ended>; over?: string };

/** Who wants which terminal, at which size. */
export type Wish = { actor: PersonActor; row: TerminalRow; size: ScreenSize };

type Held = { opening: Promise<Live>; live: Live | null; touchedAt: number };
export type OpenTerminals = {
  /** The open terminal of this row; opens it when it is not. Throws PortalError, `locked` when another process has it. */
  open: (wish: Wish) => Promise<Live>;
  count: () => number;
  /** Lets go of everything; what tmux holds stays there. */
  close: () => Promise<void>;
};

type State = {
  me: string;
  held: Map<string, Held>;
  contact: Contact;
  /** It lets go of everything: what is claimed from now on would be kept from the next process. */
  isClosed: boolean;
  /** Claims under way. */
  claims: Set<Promise<boolean>>;
};

const mayTake = ({ contact }: State): boolean => mayTakeOver(contact, performance.now(), CLAIM_SECONDS * 1000);

/** `isGone`: nothing is left that tmux would have to end. */
async function recordEnd(row: TerminalRow, detail: string, isGone = false): Promise<void> {
  await transaction(async (tx) => {
    if (!(await store.endTerminal(tx, row.id, detail))) return;
    if (isGone) await store.forgetHeld(tx, row.id);
    const subject = { kind: "terminal", id: row.id };
    const data = { detail };
    await recordEvent(tx, { actor: { kind: "system" }, action: "terminal.ended", subject, ownerId: row.ownerId, data });
    await notify(tx, { kind: "terminal", id: row.id, ownerId: row.ownerId });
  });
}

function sayEnd(live: Live, detail: string): void {
  live.over = detail;
  for (const tell of live.onEnd) tell(detail);
  live.onEnd.clear();
}

/** `tell` hears once of its end, which may have been already. */
export function onEnded(live: Live, tell: Ended): void {
  if (live.over === undefined) live.onEnd.add(tell);
  else tell(live.over);
}

/** The words for a shell that is gone: its job's end, where that is it, or `otherwise`. */
const goneWords = async (row: TerminalRow, otherwise: string): Promise<string> =>
  (await hasJobEnded(row).catch(() => false)) ? jobEnded : otherwise;

const exitWords = (code: number | null): string =>
  code === 0 || code === null ? "The shell has ended." : `The shell has ended with exit code ${code}.`;

type Gone = Shell["channel"]["gone"];
type Begun = { live: Live; gone: Gone };

/** The shell's channel is gone: an end, unless tmux has it still. */
async function onGone(state: State, live: Live, gone: Awaited<Gone>): Promise<void> {
  const { row } = live;
  const { heldBy } = row;
  if (state.held.get(row.id)?.live !== live) return;
  state.held.delete(row.id);
  // Unknown is not dead: when the cluster does not answer, the next viewer asks again.
  const stillThere = heldBy === "tmux" && (await isHeld(row, gone.wasConnectionLost).catch(() => true));
  if (stillThere) {
    await transaction((tx) => store.releaseTerminals(tx, state.me, row.id)).catch(() => {});
    return sayEnd(live, "");
  }
  const lost = gone.wasConnectionLost && (heldBy === "tmux" ? tmuxGone : connectionGone);
  const detail = await goneWords(row, lost || exitWords(gone.code));
  await recordEnd(row, detail, true).catch((error) =>
    log().warn({ err: error, id: row.id }, "terminal.end-not-recorded"),
  );
  sayEnd(live, detail);
}

async function claim(state: State, row: TerminalRow, heldBy?: string): Promise<boolean> {
  if (state.isClosed) return false;
  const claimed = takeClaim(state, row, heldBy);
  state.claims.add(claimed);
  return claimed.finally(() => state.claims.delete(claimed));
}

function takeClaim(state: State, row: TerminalRow, heldBy?: string): Promise<boolean> {
  return transaction(async (tx) => {
    const isHeld = await store.holdTerminal(tx, row.id, {
      holder: state.me,
      seconds: CLAIM_SECONDS,
      mayTakeOver: mayTake(state),
      ...(heldBy ? { heldBy } : {}),
    });
    // Who holds it is known from here on, and shown.
    if (isHeld && heldBy) await notify(tx, { kind: "terminal", id: row.id, ownerId: row.ownerId });
    return isHeld;
  });
}

function touch(state: State, id: string): void {
  const held = state.held.get(id);
  const now = Date.now();
  if (!held || now - held.touchedAt < TOUCH_MS) return;
  held.touchedAt = now;
  transaction((tx) => store.touchTerminal(tx, id, new Date(now))).catch((error) =>
    log().info({ err: error }, "terminal.touch-failed"),
  );
}

async function endGone(row: TerminalRow, detail: string): Promise<never> {
  await recordEnd(row, detail);
  throw new PortalError("conflict", detail);
}

/** What fails is tried again. */
async function endOrWarn(row: TerminalRow): Promise<void> {
  await endInTmux(row).catch((error) => log().warn({ err: error, id: row.id }, "terminal.tmux-not-ended"));
}

async function begin(state: State, { actor, row, size }: Wish): Promise<Begun> {
  if (!(await claim(state, row))) {
    throw new PortalError("locked", heldElsewhere);
  }
  if (row.state === "open" && row.heldBy === "portal") return endGone(row, portalGone);
  const shell = await openShell(row, size, actor);
  if (!shell) return endGone(row, await goneWords(row, tmuxGone));
  const terminal = openTerminal({
    channel: shell.channel,
    size,
    scrollback: config().terminals.scrollbackLines,
    epoch: randomBytes(8).toString("hex"),
    before: shell.before,
    isAnswered: shell.isAnswered,
    onActivity: () => touch(state, row.id),
  });
  const live: Live = { row: { ...row, heldBy: shell.heldBy }, terminal, onEnd: new Set() };
  if (!(await claim(state, row, shell.heldBy))) {
    // Ended meanwhile, which its row says, or taken by another process.
    terminal.hangUp();
    const now = await store.readTerminalById(db(), row.id);
    // Whoever ended it did not know yet that tmux holds it.
    if (now?.state === "ended" && shell.heldBy === "tmux") {
      await transaction((tx) => store.rememberHeld(tx, row.id));
      await endOrWarn(row);
    }
    throw new PortalError("locked", heldElsewhere);
  }
  return { live, gone: shell.channel.gone };
}

/** As begin(); what was not opened is not kept from others. */
async function beginOrLetGo(state: State, wish: Wish): Promise<Begun> {
  try {
    return await begin(state, wish);
  } catch (error) {
    await transaction((tx) => store.releaseTerminals(tx, state.me, wish.row.id)).catch(() => {});
    throw error;
  }
}

function open(state: State, wish: Wish): Promise<Live> {
  const { id } = wish.row;
  const known = state.held.get(id);
  if (known) return known.opening;
  const begun = beginOrLetGo(state, wish);
  const held: Held = { opening: begun.then(({ live }) => live), live: null, touchedAt: 0 };
  state.held.set(id, held);
  begun.then(
    ({ live, gone }) => {
      held.live = live;
      // Not before: one that ended while it was opened would be taken for another's.
      void gone.then((how) => onGone(state, live, how));
    },
    () => state.held.delete(id),
  );
  return held.opening;
}

/** Ends the shell of a row that says that it has ended. */
async function follow(state: State, id: string): Promise<void> {
  const row = await store.readTerminalById(db(), id);
  if (row?.state !== "ended") return;
  const live = state.held.get(id)?.live;
  state.held.delete(id);
  // First: what tmux writes when it goes would wipe the last screen.
  if (live) sayEnd(live, row.endDetail ?? "It has ended.");
  live?.terminal.hangUp();
  if (row.heldBy === "tmux") await endOrWarn(row);
}

/** Renews claims. */
async function renew(state: State): Promise<void> {
  for (const { live } of state.held.values()) if (live) await claim(state, live.row);
  // Also who holds nothing asks, and knows by that how long the database has been there.
  await store.knock(db());
  state.contact = inContact(state.contact, performance.now(), RENEW_MS);
}

/** Renews claims, ends what nobody used, and says of shells whose portal died that they are gone. */
async function sweep(state: State): Promise<void> {
  await renew(state);
  const { me } = state;
  const mayTakeOver = mayTake(state);
  const { idleMinutes } = config().terminals;
  const before = new Date(Date.now() - idleMinutes * 60_000);
  for (const row of await store.listIdle(db(), { before, me, mayTakeOver })) {
    if ((state.held.get(row.id)?.live?.terminal.viewers() ?? 0) > 0) touch(state, row.id);
    else
      await recordEnd(row, `Nobody used it for ${Math.round(idleMinutes)} minutes.`).then(() => follow(state, row.id));
  }
  for (const row of await store.listAbandoned(db(), mayTakeOver)) {
    await recordEnd(row, portalGone);
  }
}

/** Starts looking after terminals; the database must be open. */
export async function startTerminals(): Promise<OpenTerminals> {
  const now = performance.now();
  const me = randomBytes(8).toString("hex");
  const contact = { since: now, lastAt: now };
  const state: State = { me, held: new Map(), contact, isClosed: false, claims: new Set() };
  const failed = (error: unknown) => log().warn({ err: error }, "terminal.sweep-failed");
  const unlisten = await listen((change) => {
    if (change.kind === "terminal") void follow(state, change.id).catch(failed);
    // The database was away: at once, for others judge by it whether this process lives.
    if (change.kind === "resync") void renew(state).catch(failed);
  });
  const timer = setInterval(() => void sweep(state).catch(failed), RENEW_MS).unref();
  const again = setInterval(() => void endStillHeld().catch(failed), END_AGAIN_MS).unref();
  return {
    open: (wish) => open(state, wish),
    count: () => state.held.size,
    close: async () => {
      clearInterval(timer);
      clearInterval(again);
      await unlisten();
      state.isClosed = true;
      await Promise.allSettled(state.claims);
      const all = [...state.held.values()];
      state.held.clear();
      for (const { live } of all) live?.terminal.hangUp();
      await transaction((tx) => store.releaseTerminals(tx, state.me)).catch(failed);
    },
  };
}
