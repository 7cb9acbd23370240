// What a person may do with a terminal, and how it is shown. Browser and server; time is an argument.
import type { ErrorCode } from "@/lib/errors";
import type { TerminalView } from "@/lib/terminals/schema";

/** Ended terminals stay in the list for this long, so that one learns why. */
export const endedShownHours = 24;

/** When a terminal ends by itself unless somebody types or looks. */
export const idleEnd = (lastActivityAt: Date, idleMinutes: number): Date =>
  new Date(lastActivityAt.getTime() + idleMinutes * 60_000);

/** Of a cluster or session: some have titles or names for people, all have the other. */
type Named = { name: string; title?: string | undefined };

/** A name for a terminal that got none: where it is, in the words that people read elsewhere. */
export const defaultName = (cluster: Named, session: Named | null): string =>
  session?.name.trim() || session?.title || cluster.title || cluster.name;

/** `name`, with a number behind it when a terminal that lives has it already. */
export function freeName(name: string, taken: string[]): string {
  const names = [name, ...taken.map((_name, at) => `${name} ${at + 2}`)];
  return names.find((one) => !taken.includes(one)) ?? name;
}

/** Whether its shell was ever opened: who holds it is known from then on. */
export const wasOpened = ({ state, heldBy }: { state: string; heldBy: string | null }): boolean =>
  state !== "new" && heldBy !== null;

const passing: ErrorCode[] = ["cluster", "cluster_timeout", "unavailable"];

/**
 * Whether a viewer is to come again by itself: another process has the terminal, or its cluster is away for a while. What
 * keeps a terminal from opening for the first time is more likely there to stay, and is said at once.
 */
export const isPassing = (code: ErrorCode, wasOpen: boolean): boolean =>
  code === "locked" || (wasOpen && passing.includes(code));

export type TerminalAction = "attach" | "end" | "rename";

/** Whether the person may do this now, and if not, why. */
export function canTerminal(terminal: Pick<TerminalView, "state">, _action: TerminalAction) {
  const reason = terminal.state === "ended" ? "It has ended." : null;
  return { allowed: reason === null, reason };
}

/** What a process of the portal knows of its own connection to the database; milliseconds of one clock that never jumps. */
export type Contact = { since: number; lastAt: number };

/** `before`, after another claim of ours was renewed at `now`. A gap in which one was left out begins it anew. */
export const inContact = (before: Contact, now: number, renewMs: number): Contact =>
  now - before.lastAt > 1.5 * renewMs ? { since: now, lastAt: now } : { since: before.since, lastAt: now };

/**
 * Whether a claim that has run out was given up: only who has been in touch with the database for as long as a claim lasts
 * can say so. After an outage all claims have run out, and those who live renew theirs when they can.
 */
export const mayTakeOver = ({ since, lastAt }: Contact, now: number, claimMs: number): boolean =>
  now - since >= claimMs && now - lastAt < claimMs;

/** What a terminal of `rows` is given so that `history` is above its screen: what tmux clears when it attaches is empty rows. */
export const aboveScreen = (history: string, rows: number): string =>
  history && history.replaceAll("\n", "\r\n") + "\r\n".repeat(rows - 1);
