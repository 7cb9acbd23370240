// What a process knew last, for as long as the database does not answer: a notebook in use must not stop because of that.
// Only what was good when it was last asked stays good, for two minutes; what was forgotten meanwhile does not.
import { setTimeout as pause } from "node:timers/promises";
import { isPortalError } from "@/lib/errors";

/** Whoever was shut out elsewhere while this process could not hear of it, is shut out here after this. */
export const outageMs = 120_000;
/** A question that takes longer than this is a database in trouble. */
const patienceMs = 1500;

export type LastKnown<T> = { value: T; atMs: number };

const late = Symbol("late");

/** The answer to `question`; `last` when the database is away or silent, and `last` is young enough. */
export async function outlast<T>(question: Promise<T>, last: LastKnown<T> | null): Promise<T> {
  if (!last || performance.now() - last.atMs > outageMs) return question;
  const stop = new AbortController();
  const patience = pause(patienceMs, late, { signal: stop.signal, ref: false }).catch(() => late);
  try {
    const answer = await Promise.race([question, patience]);
    return answer === late ? last.value : (answer as T); // Only pause() answers with the symbol.
  } catch (error) {
    if (isPortalError(error) && error.code === "unavailable") return last.value;
    throw error;
  } finally {
    stop.abort();
  }
}
