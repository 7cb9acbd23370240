// One signal for the two ways a call ends before it is done: it takes too long, or the caller no longer wants it.
import { PortalError } from "@/lib/errors";

const TOO_SLOW = Symbol("too slow");
/** A longer timer would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export type Deadline = {
  signal: AbortSignal;
  /** Stops the clock; the caller's own signal stays connected. */
  stopClock(): void;
  /** Lets go of the clock and of the caller's signal. */
  clear(): void;
};

/** A signal that fires after `seconds`, or when `parent` does. Call `clear` when the call is over. */
export function deadline(seconds: number, parent?: AbortSignal): Deadline {
  const controller = new AbortController();
  const stop = () => controller.abort(parent?.reason);
  const timer = setTimeout(() => controller.abort(TOO_SLOW), Math.min(seconds * 1000, LONGEST_TIMER_MS));
  if (parent?.aborted) stop();
  parent?.addEventListener("abort", stop, { once: true });
  const stopClock = () => clearTimeout(timer);
  const clear = () => {
    stopClock();
    parent?.removeEventListener("abort", stop);
  };
  return { signal: controller.signal, stopClock, clear };
}

/** What to throw after `signal` fired: `tooSlow` as a time-out, or that the caller gave up on `what`. */
export function stopError(signal: AbortSignal, tooSlow: string, what: string): PortalError {
  if (signal.reason === TOO_SLOW) return new PortalError("cluster_timeout", tooSlow);
  return new PortalError("cluster", `${what} was cancelled`, { cause: signal.reason });
}

/** Waits for `promise`, or throws what `error` makes once `signal` fires. The promise itself goes on, unobserved. */
export async function until<T>(promise: Promise<T>, signal: AbortSignal, error: () => Error): Promise<T> {
  promise.catch(() => {}); // a loser of the race must not become an unhandled rejection
  if (signal.aborted) throw error();
  const fired = Promise.withResolvers<never>();
  const listener = () => fired.reject(error());
  signal.addEventListener("abort", listener, { once: true });
  try {
    return await Promise.race([promise, fired.promise]);
  } finally {
    signal.removeEventListener("abort", listener);
  }
}
