// Ends in tmux what its row says has ended. A cluster that is away at that moment is asked again until it has done so: a shell
// that a person ended must not go on.
import { db, transaction } from "@/lib/db";
import { log } from "@/lib/log";
import { once } from "@/lib/once";
import { endHeld } from "@/lib/terminals/open-shell";
import { forgetHeld, listStillHeld, type TerminalRow } from "@/lib/terminals/store";

const ASKED_FOR_DAYS = 7;

/** Ends it in tmux, and remembers that. */
export async function endInTmux(row: TerminalRow): Promise<void> {
  await endHeld(row);
  await transaction((tx) => forgetHeld(tx, row.id));
}

async function endAll(): Promise<void> {
  for (const row of await listStillHeld(db(), new Date(Date.now() - ASKED_FOR_DAYS * 86_400_000))) {
    // Its first failure was a warning.
    await endInTmux(row).catch((error) => log().info({ err: error, id: row.id }, "terminal.tmux-not-ended"));
  }
}

/** Tries again what could not be ended. One round at a time: a cluster that does not answer takes its time. */
export async function endStillHeld(): Promise<void> {
  const round = once("terminals.end-still-held", (): { now: Promise<void> | null } => ({ now: null }));
  round.now ??= endAll().finally(() => {
    round.now = null;
  });
  await round.now;
}
