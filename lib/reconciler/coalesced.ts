// Many calls, few runs: the first at once, and one more for all that came meanwhile, with a pause in between. Each run reads
// every open session, and each of five hundred sessions may be what calls.

const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms).unref());

/** `body`, to be called as often as one likes. What it throws goes to `onError`. */
export function coalesced(
  body: () => Promise<void>,
  { pauseMs, onError }: { pauseMs: number; onError: (error: unknown) => void },
): () => void {
  let wanted = false;
  let running = false;
  const run = async () => {
    running = true;
    while (wanted) {
      wanted = false;
      await body().catch(onError);
      await pause(pauseMs);
    }
    running = false;
  };
  return () => {
    wanted = true;
    if (!running) void run();
  };
}
