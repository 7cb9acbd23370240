// One LISTEN per process, shared by every handler. Whatever was missed while the connection was away is told as one
// "resync"; a handler that throws is logged and does not disturb the others.
import type { PGlite } from "@electric-sql/pglite";
import { noteBack, noteLost } from "@/lib/db/away";
import { type Change, channel, parseChange } from "@/lib/db/changes";
import { aborted, keepConnection } from "@/lib/db/own-connection";
import { log } from "@/lib/log";

export type Listener = {
  add: (handler: (change: Change) => void) => () => void;
  close: () => Promise<void>;
};

function tell(handlers: Set<(change: Change) => void>, change: Change | null): void {
  if (change === null) return;
  for (const handler of handlers) {
    try {
      handler(change);
    } catch (error) {
      log().error({ err: error, change }, "database.listener-failed");
    }
  }
}

function adder(handlers: Set<(change: Change) => void>): Listener["add"] {
  return (handler) => {
    // The same function may be given twice: each has its own end.
    const own = (change: Change) => handler(change);
    handlers.add(own);
    return () => handlers.delete(own);
  };
}

/** Listens on the embedded database, whose only writer is this process. */
export async function listenEmbedded(database: PGlite): Promise<Listener> {
  const handlers = new Set<(change: Change) => void>();
  const unlisten = await database.listen(channel, (payload) => tell(handlers, parseChange(payload)));
  return { add: adder(handlers), close: () => unlisten() };
}

/** Listens on a server. Resolves after the first attempt to connect, whether or not it worked: it is tried on. */
export async function listenServer(url: string): Promise<Listener> {
  const handlers = new Set<(change: Change) => void>();
  const stop = new AbortController();
  const attempted = Promise.withResolvers<void>();
  let before = false;
  const running = keepConnection({
    url,
    purpose: "listen",
    signal: stop.signal,
    onFailure: () => {
      noteLost();
      before = true;
      attempted.resolve();
    },
    use: async (client, lost) => {
      client.on("notification", ({ payload }) => tell(handlers, parseChange(payload ?? "")));
      await client.query(`listen ${channel}`);
      noteBack();
      if (before) tell(handlers, { kind: "resync" });
      before = true;
      attempted.resolve();
      await aborted(lost);
    },
  });
  await attempted.promise;
  const close = async () => {
    stop.abort();
    await running;
  };
  return { add: adder(handlers), close };
}
