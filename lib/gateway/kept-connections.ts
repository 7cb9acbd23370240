// Connections to one app that stay open between plain exchanges. The last used is used first, as the app is least likely to
// have closed it.
import type { Duplex } from "node:stream";

export type KeptConnections = {
  /** An idle connection, or a new one. `isFresh`: nobody used it before. */
  take: () => Promise<{ stream: Duplex; isFresh: boolean }>;
  /** Gives it back, to be kept for at most `seconds`. */
  keep: (stream: Duplex, seconds: number) => void;
  isBusy: () => boolean;
  close: () => void;
};

const mostOpen = 256;
const mostIdle = 64;

type Idle = { stream: Duplex; timer: NodeJS.Timeout; drop: () => void };

export function keptConnections(open: () => Promise<Duplex>): KeptConnections {
  const all = new Set<Duplex>();
  const idle: Idle[] = [];
  const waiting: (() => void)[] = [];
  let opening = 0;
  let isClosed = false;

  const next = () => waiting.shift()?.();

  const dial = async () => {
    opening += 1;
    // Also when that failed there is room for one of those who wait, if only to learn the same.
    const stream = await open().catch((error) => {
      opening -= 1;
      next();
      throw error;
    });
    opening -= 1;
    if (isClosed) stream.destroy();
    all.add(stream);
    stream.once("close", () => {
      all.delete(stream);
      next();
    });
    return { stream, isFresh: true };
  };
  const reuse = (): Duplex | null => {
    for (let found = idle.pop(); found; found = idle.pop()) {
      clearTimeout(found.timer);
      found.stream.off("close", found.drop).off("data", found.drop).off("end", found.drop);
      if (!found.stream.destroyed) return found.stream;
    }
    return null;
  };
  const take: KeptConnections["take"] = async () => {
    const stream = reuse();
    if (stream) return { stream, isFresh: false };
    if (all.size + opening < mostOpen) return dial();
    await new Promise<void>((resolve) => waiting.push(resolve));
    return take();
  };
  const keep: KeptConnections["keep"] = (stream, seconds) => {
    if (isClosed || stream.destroyed || seconds <= 0 || idle.length >= mostIdle) return void stream.destroy();
    // Nothing may come while nothing was asked: neither bytes nor the end.
    const drop = () => {
      const at = idle.findIndex((one) => one.stream === stream);
      if (at >= 0) clearTimeout(idle.splice(at, 1)[0]?.timer);
      stream.destroy();
    };
    const timer = setTimeout(drop, seconds * 1000).unref();
    idle.push({ stream, timer, drop });
    stream.on("data", drop).on("end", drop).on("close", drop).resume();
    next();
  };
  return {
    take,
    keep,
    isBusy: () => all.size + opening > idle.length,
    close: () => {
      isClosed = true;
      for (const stream of all) stream.destroy();
    },
  };
}
