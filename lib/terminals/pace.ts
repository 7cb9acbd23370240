// How fast a shell may write: as the quickest of those who look draws it, and where nobody does, so much a second.
import type { Readable } from "node:stream";

/** The shell waits when the quickest viewer is this far behind. */
const WAIT_BYTES = 128 * 1024;
/** A shell that nobody looks at writes this much, then rests: drawing a flood for nobody would slow down everybody. */
const UNSEEN_BYTES = 512 * 1024;
const UNSEEN_REST_MS = 250;
/** Who has drawn nothing for so long of what is on its way is not waited for: a laptop that was closed says no goodbye. */
const VANISHED_MS = 5000;

/** Of a viewer. */
export type Progress = {
  sentTo: number;
  drawnTo: number;
  /** A drawing of the screen is on its way. */
  isCatchingUp: boolean;
  /** When it drew something last, or got something with nothing before it on its way (performance.now()). */
  movedAt: number;
};

export type Pace = {
  /** Lets the shell write, or wait. To be called whenever somebody got, drew, came or went. */
  regulate: () => void;
  /** So much was written. */
  wrote: (bytes: number) => void;
};

type Options = { output: Readable; places: ReadonlySet<Progress>; seq: () => number };

const isOnItsWay = ({ sentTo, drawnTo, isCatchingUp }: Progress): boolean => isCatchingUp || sentTo > drawnTo;

/** Paces `output`, whose last byte has the number `seq()`, for `places`. */
export function makePace({ output, places, seq }: Options): Pace {
  let rest: NodeJS.Timeout | null = null;
  let looksAgain = false;
  /** Written since the last rest while nobody looked. */
  let unseen = 0;
  const looking = () => {
    const since = performance.now() - VANISHED_MS;
    return [...places].filter((place) => !isOnItsWay(place) || place.movedAt > since);
  };
  const isBehind = () => {
    const quickest = looking().reduce((most, { sentTo }) => Math.max(most, sentTo), -1);
    return quickest < 0 ? rest !== null : seq() - quickest > WAIT_BYTES;
  };
  const regulate = () => {
    if (!isBehind()) return void (output.isPaused() && output.resume());
    output.pause();
    if (looksAgain) return;
    // Nobody may say anything any more.
    looksAgain = true;
    setTimeout(() => {
      looksAgain = false;
      regulate();
    }, VANISHED_MS + 1).unref();
  };
  return {
    regulate,
    wrote: (bytes) => {
      unseen = looking().length === 0 ? unseen + bytes : 0;
      if (unseen < UNSEEN_BYTES || rest) return;
      unseen = 0;
      rest = setTimeout(() => {
        rest = null;
        regulate();
      }, UNSEEN_REST_MS).unref();
    },
  };
}
