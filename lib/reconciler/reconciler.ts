// Keeps sessions and jobs in step, cluster by cluster: a loop of ticks, run by one process at a time (elected through the
// database). Everything it knows is in the database; it may be killed at any instruction.
import { setTimeout as sleep } from "node:timers/promises";
import { clusters } from "@/lib/clusters/cluster";
import { config } from "@/lib/config";
import { elect, listen } from "@/lib/db";
import { log } from "@/lib/log";
import { refreshFacts } from "@/lib/reconciler/refresh-facts";
import { newMemory, tick } from "@/lib/reconciler/tick";

/** Sleeps until `seconds` are over or somebody calls wake(); at least a short while, so that calls in a burst make one tick. */
function alarm() {
  let ring = new AbortController();
  return {
    wake: () => ring.abort(),
    async sleep(seconds: number, signal: AbortSignal): Promise<void> {
      ring = new AbortController();
      // Being woken, or stopped, ends the sleep: both are what abort is for here.
      await sleep(seconds * 1000, undefined, { signal: AbortSignal.any([ring.signal, signal]) }).catch(() => {});
    },
  };
}

/** +- 10 %, so that many portals or clusters do not ask in step. */
const jitter = (seconds: number): number => seconds * (0.9 + Math.random() * 0.2);

async function forever(
  name: string,
  signal: AbortSignal,
  body: () => Promise<number>,
  pause: (seconds: number) => Promise<void>,
): Promise<void> {
  while (!signal.aborted) {
    let seconds = config().waits.busyPollSeconds * 5;
    try {
      seconds = await body();
    } catch (error) {
      if (!signal.aborted) log().error({ error, cluster: name }, "reconciling failed; will be tried again");
    }
    if (!signal.aborted) await pause(jitter(seconds));
  }
}

async function watch(name: string, signal: AbortSignal): Promise<void> {
  const memory = newMemory();
  const { wake, sleep: rest } = alarm();
  const { busyPollSeconds, factsSeconds } = config().waits;
  const unlisten = await listen((change) => (change.kind === "session" || change.kind === "resync") && wake());
  // Woken by a change, but never more often than the busy pace.
  const pause = async (seconds: number) => {
    await rest(Math.min(busyPollSeconds, seconds), AbortSignal.any([signal]));
    await rest(Math.max(0, seconds - busyPollSeconds), signal);
  };
  const facts = forever(
    name,
    signal,
    async () => {
      await refreshFacts(name);
      return factsSeconds;
    },
    (seconds) => sleep(seconds * 1000, undefined, { signal }).catch(() => undefined),
  );
  await forever(name, signal, () => tick(name, memory), pause);
  await unlisten();
  await Promise.allSettled([facts, ...memory.working.values()]);
}

/** Starts looking after every cluster. The answer stops it and waits for what is under way. */
export async function startReconciler(): Promise<() => Promise<void>> {
  const controller = new AbortController();
  const loops = clusters().map(({ config: { name } }) =>
    elect(`reconciler:${name}`, controller.signal, (signal) => watch(name, signal)),
  );
  return async () => {
    controller.abort();
    await Promise.allSettled(loops);
  };
}
