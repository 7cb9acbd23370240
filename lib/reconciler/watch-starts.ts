// Sessions that are about to start: for each one program on the login node waits for its connection file, instead of the
// portal asking again and again. What came is kept for the step that needs it, and wakes the next look at the queue.
import { log } from "@/lib/log";
import { awaitConnection, type ConnectionFile } from "@/lib/sessions/session-files";
import type { SessionRow } from "@/lib/sessions/store";

type Watch = {
  stop: AbortController;
  /** Null while nothing came. */
  found: ConnectionFile | null;
  /** Over; begun again, where that is still needed, after this (by performance.now()). */
  againAtMs: number | null;
};
export type Watches = Map<string, Watch>;

/** Each holds a channel to the login node open: a person's other programs must find room. */
const perPerson = 4;
/** What waits longer in the queue than this is looked for when the queue shows that it runs. */
const soonMs = 60_000;
const pauseMs = 10_000;
const staleMs = 5_000;

const isSoon = (row: SessionRow, now: Date): boolean =>
  row.state === "queued" && row.queuedAt !== null && now.getTime() - row.queuedAt.getTime() < soonMs;

/** A connection that does not answer yet is read anew with each look: a start of earlier may have left it. */
const wanted = (row: SessionRow, now: Date): boolean =>
  row.directory !== null && row.jobId !== null && row.port === null && (row.state === "starting" || isSoon(row, now));

export type WatchGiven = { watches: Watches; seconds: number; now: Date; wake: () => void };

function begin(row: SessionRow, { watches, seconds, wake }: WatchGiven): void {
  const watch: Watch = { stop: new AbortController(), found: null, againAtMs: null };
  watches.set(row.id, watch);
  const over = (pause: number) => {
    watch.againAtMs = performance.now() + pause;
  };
  awaitConnection(row, seconds, watch.stop.signal).then(
    (found) => {
      watch.found = found;
      // What came may be of an earlier start: then another is waited for.
      over(found ? staleMs : 0);
      if (found) wake();
    },
    (error: unknown) => {
      // Stopped on purpose, or the person's home cannot be read now.
      if (!watch.stop.signal.aborted) log().warn({ err: error, session: row.id }, "reconciler.watch-failed");
      over(pauseMs);
    },
  );
}

/** Begins, goes on with and ends watches, so that they are of the sessions in `rows` that need one. */
export function watchStarts(rows: SessionRow[], given: WatchGiven): void {
  const { watches, seconds, now } = given;
  const needed = new Map(rows.filter((row) => seconds > 0 && wanted(row, now)).map((row) => [row.id, row]));
  for (const [id, watch] of watches) {
    const over = watch.againAtMs !== null && watch.againAtMs <= performance.now();
    if (needed.has(id) && !over) continue;
    watch.stop.abort();
    watches.delete(id);
  }
  const perAccount = new Map<string, number>();
  for (const row of needed.values()) {
    const count = perAccount.get(row.unixAccount) ?? 0;
    perAccount.set(row.unixAccount, count + 1);
    if (count < perPerson && !watches.has(row.id)) begin(row, given);
  }
}

/** What a watch knows: a connection, null while it waits, undefined when nobody watches and the file must be read. */
export function watched(watches: Watches, id: string): ConnectionFile | null | undefined {
  const watch = watches.get(id);
  if (!watch) return undefined;
  return watch.found ?? (watch.againAtMs === null ? null : undefined);
}

export function stopWatches(watches: Watches): void {
  for (const { stop } of watches.values()) stop.abort();
  watches.clear();
}
