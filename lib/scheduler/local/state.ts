// Opens the engine's state directory for the portal: jobs as they are now, and changes under the queue's lock.
// Every question also runs the queue when it is due, so that it moves on without a daemon.
import { chmodSync, mkdirSync } from "node:fs";
import { isPortalError, PortalError } from "@/lib/errors";
import { withLock } from "./engine/lock.mjs";
import { needsRun, runQueue } from "./engine/queue.mjs";
import type { Machine, StoredJob } from "./engine/records.mjs";
import { doneIds, loadJob, loadJobs, makeState, saveMachine } from "./engine/records.mjs";

export type LocalState = {
  stateDir: string;
  /** Live jobs and those that ended in the last five minutes, in order of arrival. */
  live(): Promise<StoredJob[]>;
  /** Those of the last seven days too. */
  remembered(): Promise<StoredJob[]>;
  /** The latest job of that owner and tag. */
  find(owner: string, tag: string): Promise<StoredJob | null>;
  /** Runs `work` while no other process changes the queue. */
  locked<T>(work: () => T | Promise<T>): Promise<T>;
  /** Runs `work` while no other process submits the same job. */
  submitting<T>(spec: { owner: string; tag: string }, work: () => Promise<T>): Promise<T>;
};

/** Longer than the staging before it may take. */
const SUBMIT_SECONDS = 90;

/** Nothing is touched until the first question; each throws a `cluster` fault when the directory cannot be used. */
export function openState(stateDir: string, machine: Machine): LocalState {
  const prepare = preparation(stateDir, machine);
  const answer = <T>(work: () => Promise<T>) => answering(() => prepare().then(work));
  /** A job that was put away never changes again. */
  const done = new Map<string, StoredJob>();

  async function live() {
    const jobs = loadJobs(stateDir);
    if (!needsRun(jobs, machine)) return jobs;
    await runQueue(stateDir);
    return loadJobs(stateDir);
  }

  async function remembered() {
    const jobs = await live();
    const ids = doneIds(stateDir);
    for (const id of done.keys()) if (!ids.includes(id)) done.delete(id);
    const fresh = new Map(jobs.map((job) => [job.id, job]));
    const past = ids.flatMap((id) => (fresh.has(id) ? [] : (done.get(id) ?? loadJob(stateDir, id) ?? [])));
    for (const job of past) done.set(job.id, job);
    return [...past, ...jobs];
  }

  return {
    stateDir,
    live: () => answer(live),
    remembered: () => answer(remembered),
    find: (owner, tag) =>
      answer(async () => {
        const isIt = ({ record }: StoredJob) => record.owner === owner && record.tag === tag;
        return (await live()).findLast(isIt) ?? (await remembered()).findLast(isIt) ?? null;
      }),
    locked: (work) => answer(() => withLock(stateDir, work)),
    submitting: ({ owner, tag }, work) =>
      answer(() => withLock(stateDir, work, { topic: `${owner} ${tag}`, waitSeconds: SUBMIT_SECONDS })),
  };
}

/** Once per process the directory is made private and told what may be handed out; afterwards only what is missing. */
function preparation(stateDir: string, machine: Machine): () => Promise<void> {
  let told = false;
  return async () => {
    mkdirSync(stateDir, { recursive: true, mode: 0o700 });
    makeState(stateDir);
    if (told) return;
    chmodSync(stateDir, 0o700);
    saveMachine(stateDir, machine);
    told = true;
  };
}

async function answering<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isPortalError(error)) throw error;
    const words = error instanceof Error ? error.message : String(error);
    throw new PortalError("cluster", "The local engine cannot use its queue.", { words, cause: error });
  }
}
