// When and how the process ends: on SIGTERM, SIGINT or its parent's death, once, in order, and within a time.
import { log } from "@/lib/log";

const parentMs = 500;
/** A terminal tells its whole group, and npm and systemd tell again: one wish to end comes as several signals. */
const sameWishMs = 2000;
/** As it was when the process began. */
const parent = process.ppid;

/** npm that is killed leaves its child behind without a signal; only the changed parent tells. */
function onParentDeath(stop: () => void): void {
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    stop();
  }, parentMs);
  timer.unref();
}

/** Calls `stop` once when the process is told to end; who tells it again later ends it at once. */
export function onStop(stop: () => Promise<void>, { parentWatch }: { parentWatch: boolean }): void {
  let begunAt: number | null = null;
  const begin = () => {
    if (begunAt !== null) {
      if (performance.now() - begunAt > sameWishMs) process.exit(1);
      return;
    }
    begunAt = performance.now();
    stop().then(
      () => process.exit(0),
      (error) => {
        log().error({ err: error }, "portal.stop-failed");
        process.exit(1);
      },
    );
  };
  process.on("SIGTERM", begin);
  process.on("SIGINT", begin);
  // A closed terminal: jobs go on, the portal does not.
  process.on("SIGHUP", begin);
  if (parentWatch) onParentDeath(begin);
}

/** Resolves when `isDone` says so, or after `seconds`. */
export async function waitUntil(isDone: () => boolean, seconds: number): Promise<void> {
  const deadline = performance.now() + seconds * 1000;
  while (!isDone() && performance.now() < deadline) {
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
  }
}
