// After a gateway found an app gone, its cluster is looked at as often as while something starts, for half a minute: the
// person waits to be told why.
const suspectMs = 30_000;

export type Suspicion = {
  raise: () => void;
  /** The rest after a look that meant to rest for `seconds`; at most `busySeconds` while an app is suspected to have ended. */
  rest: (seconds: number, busySeconds: number) => number;
};

export function newSuspicion(now = () => performance.now()): Suspicion {
  let untilMs = Number.NEGATIVE_INFINITY;
  return {
    raise: () => {
      untilMs = now() + suspectMs;
    },
    rest: (seconds, busySeconds) => (now() < untilMs ? Math.min(seconds, busySeconds) : seconds),
  };
}
