// Keeps sessions and jobs in step, cluster by cluster: a loop of ticks, run by one process at a time (elected through the
// database). Everything it knows is in the database; it may be killed at any instruction.
import { setTimeout as sleep } from "node:timers/promises";
import { clusters } from "@/lib/clusters/cluster";
import { config } from "@/lib/config";
import { db, elect, listen } from "@/lib/db";
import { sweepUploads } from "@/lib/files/sweep-uploads";
import { waitUntil } from "@/lib/graceful-stop";
import { log } from "@/lib/log";
import { metrics } from "@/lib/metrics";
import { coalesced } from "@/lib/reconciler/coalesced";
import { endRemoved } from "@/lib/reconciler/end-removed";
import { refreshFacts } from "@/lib/reconciler/refresh-facts";
import { newSuspicion } from "@/lib/reconciler/suspicion";
import { sweepDirectories } from "@/lib/reconciler/sweep-directories";
import { beginWatches, newMemory, type TickMemory, tick } from "@/lib/reconciler/tick";
import { stopWatches } from "@/lib/reconciler/watch-starts";
import { forgetAbsences } from "@/lib/sessions/store";

/**
 * Rests between looks. A call of wake() cuts a rest short, but never below `least`, so that a burst of calls is one look;
 * hurry() cuts it short at once: it is called once for each start.
 */
function alarm(leastSeconds: number) {
  let awake = false;
  let hurried = false;
  let ring = new AbortController();
  let hurry = new AbortController();
  const pause = async (seconds: number, signal: AbortSignal): Promise<void> => {
    // Being woken, or stopped, ends the sleep: both are what abort is for here.
    if (seconds > 0) await sleep(seconds * 1000, undefined, { signal }).catch(() => {});
  };
  return {
    wake: () => {
      awake = true;
      ring.abort();
    },
    hurry: () => {
      hurried = true;
      hurry.abort();
    },
    async rest(seconds: number, signal: AbortSignal): Promise<void> {
      hurry = new AbortController();
      const atOnce = AbortSignal.any([hurry.signal, signal]);
      if (!hurried) await pause(Math.min(leastSeconds, seconds), atOnce);
      ring = new AbortController();
      if (!awake && !hurried) await pause(seconds - leastSeconds, AbortSignal.any([ring.signal, atOnce]));
      awake = false;
      hurried = false;
    },
  };
}

/** +- 10 %, so that many portals or clusters do not ask in step. */
const jitter = (seconds: number): number => seconds * (0.9 + Math.random() * 0.2);

const tidySeconds = 60;
/** A home may hang for minutes. What is not waited for does no harm: each change is of the row as it was read. */
const endSeconds = 10;
const watchPauseMs = 250;
const factsPauseSeconds = 30;

type Loop = {
  /** Answers after how many seconds to do it again. */
  body: () => Promise<number>;
  pause: (seconds: number) => Promise<void>;
};

async function forever(name: string, signal: AbortSignal, { body, pause }: Loop): Promise<void> {
  while (!signal.aborted) {
    let seconds = config().waits.busyPollSeconds * 5;
    try {
      seconds = await body();
    } catch (error) {
      if (!signal.aborted) log().error({ err: error, cluster: name }, "reconciler.failed");
    }
    if (!signal.aborted) await pause(jitter(seconds));
  }
}

type Chore = { signal: AbortSignal; body: () => Promise<void> };

const every = (seconds: number, name: string, { signal, body }: Chore): Promise<void> =>
  forever(name, signal, {
    body: async () => {
      await body();
      return seconds;
    },
    pause: (pause) => sleep(pause * 1000, undefined, { signal }).catch(() => undefined),
  });

async function timedTick(name: string, memory: TickMemory): Promise<number> {
  const stop = metrics().tickSeconds.startTimer({ cluster: name });
  return tick(name, memory).finally(stop);
}

/** Waits for what is under way, but not for ever: a cluster that nobody looks after meanwhile does not wait for one home. */
async function settled(underWay: Promise<unknown>[], seconds: number): Promise<void> {
  let isDone = false;
  void Promise.allSettled(underWay).then(() => {
    isDone = true;
  });
  await waitUntil(() => isDone, seconds);
}

async function watch(name: string, signal: AbortSignal): Promise<void> {
  const memory = newMemory(signal);
  // Nobody looked while nobody was elected: an absence from before is not a continuous one.
  await forgetAbsences(db(), name);
  const { busyPollSeconds, factsSeconds } = config().waits;
  const { wake, hurry, rest } = alarm(busyPollSeconds);
  memory.wake = hurry;
  const onError = (error: unknown) => log().error({ err: error, cluster: name }, "reconciler.failed");
  const underWay = new Set<Promise<void>>();
  const atOnce = (body: () => Promise<void>, pauseMs: number) =>
    coalesced(
      async () => {
        // Wanted before the end, due after it: the database may be closed by then.
        if (signal.aborted) return;
        const work = body();
        underWay.add(work);
        await work.finally(() => underWay.delete(work));
      },
      { pauseMs, onError },
    );
  const watchAtOnce = atOnce(() => beginWatches(name, memory, signal), watchPauseMs);
  // A start and an end change what is free; many of them are one question, so that a storm costs the scheduler nothing.
  memory.onUse = atOnce(() => refreshFacts(name), Math.min(factsSeconds, factsPauseSeconds) * 1000);
  const suspicion = newSuspicion();
  const unlisten = await listen((change) => {
    if (change.kind === "unreachable" && change.cluster === name) {
      suspicion.raise();
      wake();
    }
    if (change.kind !== "session" && change.kind !== "resync") return;
    wake();
    // Waiting for the files of what was just submitted is no question to the scheduler.
    watchAtOnce();
  });
  const facts = every(factsSeconds, name, { signal, body: () => refreshFacts(name) });
  const sweep = every(tidySeconds, name, { signal, body: () => sweepDirectories(name, new Date()) });
  const uploads = every(tidySeconds, name, { signal, body: () => sweepUploads(name, new Date(), signal) });
  const pause = (seconds: number) => rest(suspicion.rest(seconds, busyPollSeconds), signal);
  await forever(name, signal, { body: () => timedTick(name, memory), pause });
  await unlisten();
  stopWatches(memory.watches);
  await settled([facts, sweep, uploads, ...underWay, ...memory.working.values()], endSeconds);
}

/** Beside the clusters: what is left of those that are configured no more. */
const tidy = (signal: AbortSignal): Promise<void> =>
  every(tidySeconds, "removed clusters", { signal, body: () => endRemoved(new Date()) });

/** Starts looking after every cluster. The answer stops it; whatever is not done soon is done after the next start. */
export async function startReconciler(patienceSeconds = endSeconds): Promise<() => Promise<void>> {
  const controller = new AbortController();
  const loops = clusters().map(({ config: { name } }) =>
    elect(`reconciler:${name}`, controller.signal, (signal) => watch(name, signal)),
  );
  loops.push(elect("reconciler", controller.signal, tidy));
  return async () => {
    controller.abort();
    await settled(loops, patienceSeconds);
  };
}
