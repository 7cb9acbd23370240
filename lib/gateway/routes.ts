// Sessions as the gateway needs them, kept in memory for at most five seconds and forgotten as soon as a committed
// change says so: no query on the path of a request.

import type { RouteRow } from "@/lib/gateway/store";
import { type LastKnown, outlast } from "@/lib/last-known";
import type { SessionState } from "@/lib/sessions/schema";
import type { TemplateManifest } from "@/lib/templates/schema";

export type Route = Omit<RouteRow, "secretSealed" | "state"> & {
  state: SessionState;
  secret: string | null;
  manifest: TemplateManifest | null;
};

export type Routes = {
  get: (sessionId: string) => Promise<Route | null>;
  /** null forgets all. */
  forget: (sessionId: string | null) => void;
};

type Entry = {
  askedAt: number;
  found: Promise<Route | null>;
  /** Nothing to wait for: this is on the path of every request. */
  isAnswered: boolean;
  last: LastKnown<Route | null> | null;
};

const freshMs = 4_000;
const most = 10_000;

/**
 * A cache in front of `load`. Questions at the same time are one question; a failure is not remembered, and what was known
 * before holds while the database is away.
 */
export function cachedRoutes(load: (sessionId: string) => Promise<Route | null>): Routes {
  const entries = new Map<string, Entry>();

  const ask = (sessionId: string): Entry => {
    if (entries.size >= most) entries.clear();
    const last = entries.get(sessionId)?.last ?? null;
    const entry: Entry = { askedAt: performance.now(), found: load(sessionId), isAnswered: false, last };
    entries.set(sessionId, entry);
    entry.found.then(
      (value) => {
        entry.isAnswered = true;
        entry.last = { value, atMs: performance.now() };
      },
      () => {
        entry.askedAt = Number.NEGATIVE_INFINITY;
      },
    );
    return entry;
  };

  return {
    get: (sessionId) => {
      const known = entries.get(sessionId);
      const isFresh = known && performance.now() - known.askedAt < freshMs;
      const entry = isFresh ? known : ask(sessionId);
      return entry.isAnswered ? entry.found : outlast(entry.found, entry.last);
    },
    forget: (sessionId) => {
      if (sessionId === null) entries.clear();
      else entries.delete(sessionId);
    },
  };
}
