// A server that went silent: known from the one connection that is asked for a sign of life every two seconds. Queries
// then give up within a second instead of waiting for their own time-outs, until that connection, or any query, is answered.
import { PortalError } from "@/lib/errors";
import { once } from "@/lib/once";

const words = "The database does not answer. Try again in a moment.";
/** A lost connection that is back sooner was no outage. */
const settleMs = 500;
/** What a query gets while the server is thought to be away: thinking so may be wrong. */
const graceMs = 1000;

type Away = { isAway: boolean; noted: NodeJS.Timeout | null; waiting: Set<() => void> };

const state = () => once("db.away", (): Away => ({ isAway: false, noted: null, waiting: new Set() }));

/** The fault of every query while the database is away. */
export const awayFault = (cause?: unknown): PortalError =>
  new PortalError("unavailable", words, { retryAfterSeconds: 5, cause });

/** True for the fault of a database that is away, and not for whatever else is unavailable. */
export const isAwayFault = (error: unknown): boolean => error instanceof Error && error.message === words;

export function noteLost(): void {
  const away = state();
  away.noted ??= setTimeout(() => {
    away.isAway = true;
    for (const giveUp of away.waiting) giveUp();
    away.waiting.clear();
  }, settleMs).unref();
}

export function noteBack(): void {
  const away = state();
  if (away.noted) clearTimeout(away.noted);
  Object.assign(away, { isAway: false, noted: null });
}

/** What `awaited` comes to, or `unavailable` a second after the server is known to be away. */
export async function unlessTooLong<T>(awaited: Promise<T>): Promise<T> {
  const away = state();
  const { promise: late, reject } = Promise.withResolvers<never>();
  let timer: NodeJS.Timeout | undefined;
  const giveUp = () => {
    timer = setTimeout(() => reject(awayFault()), graceMs);
  };
  if (away.isAway) giveUp();
  else away.waiting.add(giveUp);
  try {
    return await Promise.race([awaited, late]);
  } finally {
    clearTimeout(timer);
    away.waiting.delete(giveUp);
  }
}

/** The outcome of `query`, or `unavailable` a second after the server is known to be away. An answer says that it is back. */
export async function unlessAway<T>(query: Promise<T>): Promise<T> {
  const answer = await unlessTooLong(query);
  if (state().isAway) noteBack();
  return answer;
}
