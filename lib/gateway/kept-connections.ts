// Connections to one app that stay open between plain exchanges. The last used is used first, as the app is least likely to
// have closed it. Each is listened to once, for good: whoever has it is told, and what comes while nobody has it ends it.
import type { Duplex } from "node:stream";
import { canLend } from "@/lib/clusters/direct-connection";

/** Who has a connection at the moment. */
export type Taker = {
  /** True: the bytes are used up. False: their memory was given away (Borrower in lib/clusters/direct-connection.ts). */
  onData: (bytes: Buffer) => boolean;
  /** The app ended it. */
  onEnd: () => void;
  onError: (error: Error) => void;
  /** Calls `leave` when the taker needs no connection any more. Asked where it must wait for one. */
  onceGone: (leave: () => void) => void;
};

export type KeptConnection = {
  stream: Duplex;
  /** Nobody used it before. */
  isFresh: boolean;
  /** The memory of what it hands on is its own. */
  isLent: boolean;
  taker: Taker | null;
};

export type KeptConnections = {
  /** An idle connection, or a new one, which `taker` has from now on; null when it left while it waited. */
  take: (taker: Taker) => Promise<KeptConnection | null>;
  /** Gives it back, to be kept for at most `seconds`. */
  keep: (connection: KeptConnection, seconds: number) => void;
  isBusy: () => boolean;
  close: () => void;
};

const mostOpen = 256;
const mostIdle = 64;
const sweepMs = 1000;

function listenTo(connection: KeptConnection): void {
  const { stream } = connection;
  const onData = (bytes: Buffer): boolean => {
    if (connection.taker) return connection.taker.onData(bytes);
    // Nothing may come while nothing was asked: neither bytes nor the end.
    stream.destroy();
    return true;
  };
  const onEnd = () => {
    if (connection.taker) connection.taker.onEnd();
    else stream.destroy();
  };
  if (canLend(stream)) stream.lendTo(onData);
  else stream.on("data", onData);
  stream.on("end", onEnd).on("close", onEnd);
  stream.on("error", (error: Error) => connection.taker?.onError(error));
  stream.resume();
}

/** Those that nobody has, until their time is over. */
function idleConnections() {
  const idle: { connection: KeptConnection; untilMs: number }[] = [];
  let sweeping: NodeJS.Timeout | undefined;
  const sweep = () => {
    for (const { connection, untilMs } of [...idle]) if (untilMs <= performance.now()) connection.stream.destroy();
    if (idle.length > 0) return;
    clearInterval(sweeping);
    sweeping = undefined;
  };
  return {
    count: () => idle.length,
    add: (connection: KeptConnection, seconds: number) => {
      idle.push({ connection, untilMs: performance.now() + seconds * 1000 });
      sweeping ??= setInterval(sweep, sweepMs).unref();
    },
    drop: (connection: KeptConnection) => {
      const at = idle.findIndex((one) => one.connection === connection);
      if (at >= 0) idle.splice(at, 1);
    },
    take: (): KeptConnection | null => {
      for (let found = idle.pop(); found; found = idle.pop())
        if (!found.connection.stream.destroyed) return found.connection;
      return null;
    },
    close: () => clearInterval(sweeping),
  };
}

export function keptConnections(open: () => Promise<Duplex>): KeptConnections {
  const all = new Set<Duplex>();
  const idle = idleConnections();
  const waiting = new Set<(stays: boolean) => void>();
  let opening = 0;
  let isClosed = false;

  const call = (waiter: (stays: boolean) => void, stays: boolean) => {
    waiting.delete(waiter);
    waiter(stays);
  };
  const next = () => {
    for (const first of waiting.values().take(1)) call(first, true);
  };
  const wait = ({ onceGone }: Taker) =>
    new Promise<boolean>((resolve) => {
      waiting.add(resolve);
      onceGone(() => call(resolve, false));
    });

  const dial = async (taker: Taker): Promise<KeptConnection> => {
    opening += 1;
    // Also when that failed there is room for one of those who wait, if only to learn the same.
    const stream = await open().catch((error) => {
      opening -= 1;
      next();
      throw error;
    });
    opening -= 1;
    if (isClosed) stream.destroy();
    const connection = { stream, isFresh: true, isLent: canLend(stream), taker };
    all.add(stream);
    stream.once("close", () => {
      all.delete(stream);
      idle.drop(connection);
      next();
    });
    listenTo(connection);
    return connection;
  };
  const take: KeptConnections["take"] = async (taker) => {
    const connection = idle.take();
    if (connection) return Object.assign(connection, { isFresh: false, taker });
    if (all.size + opening < mostOpen) return dial(taker);
    return (await wait(taker)) ? take(taker) : null;
  };
  const keep: KeptConnections["keep"] = (connection, seconds) => {
    const { stream } = connection;
    connection.taker = null;
    if (isClosed || stream.destroyed || seconds <= 0 || idle.count() >= mostIdle) return void stream.destroy();
    idle.add(connection, seconds);
    if (stream.isPaused()) stream.resume();
    next();
  };
  return {
    take,
    keep,
    isBusy: () => all.size + opening > idle.count(),
    close: () => {
      isClosed = true;
      idle.close();
      for (const stream of all) stream.destroy();
    },
  };
}
