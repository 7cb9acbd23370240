// Sessions as the gateway needs them, kept in memory for at most five seconds and forgotten as soon as a committed
// change says so: no query on the path of a request. While the database is away what was known is still used.
import { isPortalError } from "@/lib/errors";
import type { RouteRow } from "@/lib/gateway/store";
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

type Entry = { askedAt: number; found: Promise<Route | null> };

const freshMs = 4_000;
/** Longer than a restart of a database server takes; a session that ends meanwhile is found out by its app not answering. */
const withoutDatabaseMs = 300_000;
const most = 10_000;

/** A cache in front of `load`. */
export function cachedRoutes(load: (sessionId: string) => Promise<Route | null>): Routes {
  const entries = new Map<string, Entry>();

  const ask = (sessionId: string, known: Entry | undefined): Entry => {
    if (entries.size >= most) entries.clear();
    const entry: Entry = {
      askedAt: performance.now(),
      found: load(sessionId).catch((error: unknown) => {
        entries.delete(sessionId);
        const usable = known && performance.now() - known.askedAt < withoutDatabaseMs;
        if (!usable || !isPortalError(error) || error.code !== "unavailable") throw error;
        entries.set(sessionId, { askedAt: known.askedAt, found: known.found });
        return known.found;
      }),
    };
    entries.set(sessionId, entry);
    return entry;
  };

  return {
    get: (sessionId) => {
      const known = entries.get(sessionId);
      const fresh = known && performance.now() - known.askedAt < freshMs;
      return (fresh ? known : ask(sessionId, known)).found;
    },
    forget: (sessionId) => {
      if (sessionId === null) entries.clear();
      else entries.delete(sessionId);
    },
  };
}
