// Who a login or token stands for, kept in memory for at most five seconds and forgotten as soon as a committed change
// says so: no query on the path of a request, and an ended login is dead everywhere within five seconds at worst (while the
// database is away, nobody can be told: then what was known last holds for two minutes).
import type { PersonActor } from "@/lib/actor";
import { type Change, listen } from "@/lib/db";
import { type LastKnown, outlast } from "@/lib/last-known";
import { log } from "@/lib/log";
import { once } from "@/lib/once";

const FRESH_MS = 5_000;
const MOST_KNOWN = 20_000;

/** What was found: the actor and when their login or token ends by itself, or null for one that is not (or no longer) good. */
export type Found = { actor: PersonActor; expiresAt: Date } | null;
type EndHandler = (userId: string, loginId: string | null) => void;
type Entry = {
  found: Promise<Found>;
  askedAt: number;
  /** Nothing to wait for: this is on the path of every request. */
  isAnswered: boolean;
  userId?: string;
  last: LastKnown<Found> | null;
};
type Known = { entries: Map<string, Entry>; handlers: Set<EndHandler>; listening: Promise<unknown> | null };

const known = () => once("auth.known", (): Known => ({ entries: new Map(), handlers: new Set(), listening: null }));

function tell(userId: string, loginId: string | null): void {
  for (const handler of known().handlers) {
    try {
      handler(userId, loginId);
    } catch (error) {
      log().error({ err: error }, "login.handler-failed");
    }
  }
}

/** Forgets everything about a person (or everybody), in this process. */
export function forget(userId: string | null): void {
  const { entries } = known();
  for (const [key, entry] of entries) {
    // Of nobody, or still on its way and perhaps of before the change: forgotten too.
    if (userId === null || entry.userId === userId || entry.userId === undefined) entries.delete(key);
  }
}

function onChange(change: Change): void {
  if (change.kind === "resync") forget(null);
  if (change.kind !== "login") return;
  forget(change.userId);
  tell(change.userId, null);
}

/** Without the listener nothing is wrong, only up to five seconds late; so a failure to listen is tried again, not thrown. */
function listenOnce(): void {
  const state = known();
  state.listening ??= listen(onChange).catch((error) => {
    state.listening = null;
    log().warn({ err: error }, "login.listen-failed");
  });
}

function ask(key: string, look: () => Promise<Found>): Entry {
  const { entries } = known();
  const last = entries.get(key)?.last ?? null;
  // Asked again, it is the newest: who is at work stays, and strangers' guesses push out nobody but each other.
  entries.delete(key);
  for (const oldest of entries.size >= MOST_KNOWN ? entries.keys().take(1) : []) entries.delete(oldest);
  const entry: Entry = { found: look(), askedAt: Date.now(), isAnswered: false, last };
  entries.set(key, entry);
  entry.found.then(
    (found) => {
      entry.userId = found?.actor.userId;
      entry.isAnswered = true;
      entry.last = { value: found, atMs: performance.now() };
    },
    // A database that is away is no answer: the next request asks again, and until then what was known last holds.
    () => {
      entry.askedAt = Number.NEGATIVE_INFINITY;
    },
  );
  return entry;
}

/** The actor behind `key`, asked of `look` when nothing fresh is known. Requests at the same time share one question. */
export async function knownActor(key: string, look: () => Promise<Found>): Promise<PersonActor | null> {
  listenOnce();
  const now = Date.now();
  const entry = known().entries.get(key);
  const age = entry ? now - entry.askedAt : Number.POSITIVE_INFINITY;
  const fresh = entry && age >= 0 && age < FRESH_MS ? entry : ask(key, look);
  const found = await (fresh.isAnswered ? fresh.found : outlast(fresh.found, fresh.last));
  return found && found.expiresAt.getTime() > Date.now() ? found.actor : null;
}

/**
 * Calls `handler` when logins or tokens of a person ended or the person was disabled, in any replica; loginId is null when
 * it is not known which: ask stillValid() then. Returns what removes the handler.
 */
export function onLoginEnded(handler: EndHandler): () => void {
  listenOnce();
  const { handlers } = known();
  handlers.add(handler);
  return () => handlers.delete(handler);
}
