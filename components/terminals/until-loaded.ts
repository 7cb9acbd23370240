// A file of the portal's that a lost network keeps away is asked for until it comes.

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 10_000;

type Hearing<Loaded> = {
  onLoaded: (loaded: Loaded) => void;
  /** It failed; the next try is at this time (milliseconds since 1970). */
  onWaiting: (retryAt: number) => void;
};

/** Calls `load` until it succeeds. */
export function untilLoaded<Loaded>(load: () => Promise<Loaded>, { onLoaded, onWaiting }: Hearing<Loaded>) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isWaiting = false;
  let isGone = false;
  let tries = 0;
  const attempt = async () => {
    clearTimeout(timer);
    isWaiting = false;
    const found = await load().then(
      (loaded) => ({ loaded }),
      () => null,
    );
    if (isGone) return;
    if (found) onLoaded(found.loaded);
    else wait();
  };
  const wait = () => {
    const waitMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** tries);
    tries += 1;
    isWaiting = true;
    timer = setTimeout(attempt, waitMs);
    onWaiting(Date.now() + waitMs);
  };
  void attempt();
  return {
    /** Tries at once instead of when the wait is over. */
    retry: () => void (isWaiting && attempt()),
    stop: () => {
      isGone = true;
      clearTimeout(timer);
    },
  };
}
