// Lets a few callers in at a time; the rest wait in order.
import { PortalError } from "@/lib/errors";

export type Turnstile = <T>(action: () => Promise<T>) => Promise<T>;

/** At most `width` actions at once, and at most `maxWaiting` more in line; beyond that `too_many`. */
export function turnstile(width: number, maxWaiting: number): Turnstile {
  const waiting: (() => void)[] = [];
  let inside = 0;

  const enter = async () => {
    if (inside < width) {
      inside++;
      return;
    }
    if (waiting.length >= maxWaiting) {
      throw new PortalError("too_many", "Too many people are connecting to the cluster at once", {
        retryAfterSeconds: 5,
      });
    }
    // Whoever leaves hands over the place, so `inside` stays as it is.
    await new Promise<void>((resolve) => waiting.push(resolve));
  };

  const leave = () => {
    const next = waiting.shift();
    if (next) next();
    else inside--;
  };

  return async (action) => {
    await enter();
    try {
      return await action();
    } finally {
      leave();
    }
  };
}
