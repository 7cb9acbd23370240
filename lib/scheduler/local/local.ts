// The local engine: queues and runs jobs on this machine, for a demo or one workstation. Hides state on disk, the lock and
// the supervisors; the one thing to know: each running job is held by its own detached process, so this one may die.
//
// LIMITS. Linux only (/proc). Everybody's jobs run as this process's account: people are not isolated from each other.
// Cores are counted, not pinned: a job may use more than it asked for. Memory is enforced by a cgroup where this account
// may make one, else by adding up resident sizes each second, so a fast job can overshoot for a moment. Without a cgroup a
// program that leaves the session, clears its environment and loses its parent between two looks is not found at the end.
// If a supervisor is killed (SIGKILL) the job ends "node-failed" at the next look of the portal or of another supervisor.
// The state directory must be on a local disk and used by one machine and one network namespace. No GPUs, no accounts.
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Run } from "@/lib/clusters/run";
import { PortalError } from "@/lib/errors";
import type { HistoryQuery, JobSpec, Scheduler } from "@/lib/scheduler/scheduler";
import { controlJob } from "./control-job";
import { forecast } from "./engine/queue.mjs";
import { viewFinished, viewJobs } from "./job-view";
import { loginEnvironment, type Offer, PARTITION, REJECTING_PARTITION, wholeMachine } from "./machine";
import { factsOf } from "./queue-facts";
import { type LocalState, openState } from "./state";
import { expectation, submitJob } from "./submit-job";

export type LocalOptions = {
  /** Makes the job's directory; runs as the account that everything runs as. */
  run: Run;
  /** Where the queue is kept: on a local disk, made 0700. All processes that give the same one share one queue. */
  stateDir: string;
  /** What may be handed out. Default: this machine's cores and memory. */
  cpus?: number;
  memoryMiB?: number;
  /** The file supervisor.mjs, with engine/ beside it, or bundled into one. Default: looked for beside the program and in the checkout. */
  supervisorPath?: string;
  /**
   * A cgroup directory in which this account may make cgroups: v2 with memory delegated, or v1 memory. Default: tries its
   * own. "none": memory is always judged by resident size.
   */
  cgroupParent?: string;
  /** Added to a job's login environment, e.g. PATH. */
  environment?: Record<string, string>;
  /** Offers the partition `always-rejects`, which shows what a refusal looks like. Development only. */
  sentinels?: boolean;
};

/** A scheduler for this machine. Throws when the supervisor's program is not there; see LocalOptions. */
export function local(options: LocalOptions): Scheduler {
  const whole = wholeMachine();
  const partitions = options.sentinels ? [PARTITION, REJECTING_PARTITION] : [PARTITION];
  const offer: Offer = {
    cpus: options.cpus ?? whole.cpus,
    memoryMiB: options.memoryMiB ?? whole.memoryMiB,
    partitions,
  };
  const state = openState(resolve(options.stateDir), {
    ...{ cpus: offer.cpus, memoryMiB: offer.memoryMiB },
    supervisorPath: supervisorFile(options.supervisorPath),
    cgroupParent: options.cgroupParent ?? null,
  });
  const environment = { ...loginEnvironment(), ...options.environment };
  const intake = { run: options.run, state, offer, environment };
  return {
    submit: (spec) => submitJob(intake, spec),
    estimate: (spec) => expectation(intake, spec),
    preview: previewOf,
    async jobs({ owner }) {
      const stored = await state.live();
      const jobs = viewJobs(stored, forecast(stored, offer, Date.now()));
      return owner === undefined ? jobs : jobs.filter((job) => job.owner === owner);
    },
    find: async (owner, tag) => (await state.find(owner, tag))?.id ?? null,
    control: async (owner, id, action) => controlJob(state, { owner, id, action }),
    history: (query) => history(state, query),
    facts: async () => factsOf(await state.live(), offer),
    async access() {
      await state.live(); // says so when the queue cannot be used
      return {
        accounts: [],
        defaultAccount: null,
        qos: [],
        defaultQos: [],
        walltimes: [],
        admitted: true,
        words: null,
      };
    },
  };
}

/** What the supervisor runs, in the job's directory and a session of its own. */
const previewOf = ({ directory, script }: JobSpec) => ["bash", join(directory, script)];

async function history(state: LocalState, { owner, ids, tag, since }: HistoryQuery) {
  const jobs = (await state.remembered()).filter(({ id, record, end }) => {
    if (!end || record.owner !== owner || new Date(end.endedAt) < since) return false;
    return (ids?.includes(id) ?? true) && (tag === undefined || record.tag === tag);
  });
  return jobs.map(viewFinished);
}

/**
 * The supervisor is a program of its own and cannot be found through import.meta.url, which means something else in each
 * bundle: it lies beside the program that runs (a release) or in the checkout that it runs in (development, tests).
 */
function supervisorFile(given: string | undefined): string {
  const beside = join(dirname(process.argv[1] ?? "."), "supervisor.mjs");
  const places = given ? [given] : [beside, join(process.cwd(), "lib/scheduler/local/supervisor.mjs")];
  const found = places.find((place) => existsSync(place));
  if (found) return resolve(found);
  throw new PortalError("internal", `The local engine's supervisor is missing: looked for ${places.join(" and ")}.`);
}
