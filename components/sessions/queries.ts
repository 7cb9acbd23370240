// What the pages ask about sessions, with the keys that events invalidate.
import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { ask } from "@/components/api";
import { api } from "@/lib/paths";
import { can, isLive } from "@/lib/sessions/rules";
import type { SessionView } from "@/lib/sessions/schema";

export const sessionKeys = {
  lists: ["sessions"] as const,
  every: ["session"] as const,
  one: (id: string) => ["session", id] as const,
  log: (id: string) => ["session", id, "log"] as const,
};

export type SessionFilter = { state: "all" | "live" | "ended"; search: string };

export const liveFilter = { state: "live", limit: 200 } as const;
export const recentFilter = { limit: 20 } as const;
export const endedFilter = { state: "ended", limit: 20 } as const;

/** Everything of mine that has or may yet have a job. */
export const liveSessions = queryOptions({
  queryKey: [...sessionKeys.lists, "live"],
  queryFn: ({ signal }) => ask<"sessions">(api.sessions(), { query: liveFilter, signal }),
  select: (page) => page.items,
});

/** What ended last, however long ago it was launched: a failure is news for everybody. */
export const endedSessions = queryOptions({
  queryKey: [...sessionKeys.lists, "ended"],
  queryFn: ({ signal }) => ask<"sessions">(api.sessions(), { query: endedFilter, signal }),
  select: (page) => page.items,
});

/** The newest of all states: for "launch again". */
export const recentSessions = queryOptions({
  queryKey: [...sessionKeys.lists, "recent"],
  queryFn: ({ signal }) => ask<"sessions">(api.sessions(), { query: recentFilter, signal }),
  select: (page) => page.items,
});

/** By cursor, not by number: new sessions at the top would shift numbered pages under the reader. */
export const sessionPages = ({ state, search }: SessionFilter) =>
  infiniteQueryOptions({
    queryKey: [...sessionKeys.lists, "pages", state, search],
    queryFn: ({ pageParam, signal }) =>
      ask<"sessions">(api.sessions(), {
        query: {
          state: state === "all" ? undefined : state,
          search: search.trim() || undefined,
          cursor: pageParam,
          limit: 50,
        },
        signal,
      }),
    // The type of the parameter is taken from this value, which is none at first.
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    // The list that is there stays until the new one has come: no flicker while one types.
    placeholderData: keepPreviousData,
  });

const hiddenLookMs = 60_000;

/**
 * Events say when to ask again. A hidden tab has none once its session was ready, and its title must not say so of what is being
 * stopped, was requeued or has ended.
 */
export const oneSession = (id: string) =>
  queryOptions({
    queryKey: sessionKeys.one(id),
    queryFn: ({ signal }) => ask<"session">(api.session(id), { signal }),
    refetchInterval: ({ state }) => state.data !== undefined && isLive(state.data) && hiddenLookMs,
    refetchIntervalInBackground: true,
  });

// Growth is told by events; asking again now and then is what keeps the server watching.
const followMs = 20_000;
const logLines = 500;

/** The end of the log; asked again while the session lives and somebody looks at its end: who reads above keeps the lines. */
export const sessionLog = (session: SessionView, following: boolean) =>
  queryOptions({
    queryKey: sessionKeys.log(session.id),
    queryFn: ({ signal }) => ask<"log">(api.log(session.id), { query: { lines: logLines }, signal }),
    enabled: can(session, "follow-log").allowed && (following || !isLive(session)),
    refetchInterval: (query) => following && isLive(session) && !query.state.data?.final && followMs,
  });
