// Ends in tmux what its row says has ended. A cluster that is away at that moment is asked again until it has done so: a shell
// that a person ended must not go on.
import { db, transaction } from "@/lib/db";
import { log } from "@/lib/log";
import { once } from "@/lib/once";
import { endHeld } from "@/lib/terminals/open-shell";
import { forgetHeld, listStillHeld, type TerminalRow } from "@/lib/terminals/store";

const ASKED_FOR_DAYS = 7;
const MOST_IN_A_ROUND = 50;

/** Ends it in tmux, and remembers that. False when it may still be on another login node. */
export async function endInTmux(row: TerminalRow): Promise<boolean> {
  const isOver = await endHeld(row);
  if (isOver) await transaction((tx) => forgetHeld(tx, row.id));
  return isOver;
}

/** `tries`: how often each could not be ended. */
type Rounds = { now: Promise<void> | null; tries: Map<string, number> };

/** Of one cluster, until it fails: then it is most likely away, and others wait. */
async function endOf(rows: TerminalRow[], { tries }: Rounds): Promise<void> {
  for (const row of rows.slice(0, MOST_IN_A_ROUND)) {
    // Its first failure was a warning.
    const isOver = await endInTmux(row).catch((error) => {
      log().info({ err: error, id: row.id }, "terminal.tmux-not-ended");
      return null;
    });
    if (!isOver) tries.set(row.id, (tries.get(row.id) ?? 0) + 1);
    if (isOver === null) return;
  }
}

async function endAll(rounds: Rounds): Promise<void> {
  const rows = await listStillHeld(db(), new Date(Date.now() - ASKED_FOR_DAYS * 86_400_000));
  rounds.tries = new Map(rows.map(({ id }) => [id, rounds.tries.get(id) ?? 0]));
  const triesOf = ({ id }: TerminalRow) => rounds.tries.get(id) ?? 0;
  // Those tried least often first: what fails for one person only keeps nobody else's waiting.
  const inTurn = rows.toSorted((one, other) => triesOf(one) - triesOf(other));
  for (const ofCluster of Map.groupBy(inTurn, ({ cluster }) => cluster).values()) await endOf(ofCluster, rounds);
}

/** Tries again what could not be ended. One round at a time: a cluster that does not answer takes its time. */
export async function endStillHeld(): Promise<void> {
  const rounds = once("terminals.end-still-held", (): Rounds => ({ now: null, tries: new Map() }));
  rounds.now ??= endAll(rounds).finally(() => {
    rounds.now = null;
  });
  await rounds.now;
}
