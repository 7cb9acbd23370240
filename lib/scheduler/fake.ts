// An honest scheduler in memory: it queues, starts and limits jobs by the clock it is given, but runs nothing. For unit
// tests, and for seeing every failure in development through partitions that fail on purpose (SENTINELS).
import { PortalError } from "@/lib/errors";
import { type FakeEnding, type FakeJob, type FakeQueue, fakeQueue, NEVER_STARTS } from "./fake-queue";
import type { ClusterFacts, Estimate, FinishedJob, JobAction, JobSpec, PartitionFacts, Scheduler } from "./scheduler";

export type FakeControls = {
  /** Ends a job, started or not. */
  end(id: string, ending: FakeEnding): void;
  /** From now on every call fails as an unreachable cluster does; submit answers "unknown" and takes nothing. */
  silence(on: boolean): void;
  /** From now on accounting fails, and only the queue answers. */
  silenceAccounting(on: boolean): void;
  /** The poller's one question no longer shows these jobs; their owner still sees them, and `history` has them. */
  hide(...ids: string[]): void;
  /** Accounting forgets too. */
  forget(...ids: string[]): void;
  /** People whom the scheduler does not know. */
  refuse(...owners: string[]): void;
  /** Every spec taken, in order, whatever became of it. */
  readonly taken: readonly JobSpec[];
};

export type FakeScheduler = Scheduler & { fake: FakeControls };

/** Partitions that fail on purpose. */
export const SENTINELS = {
  rejects: "always-rejects",
  /** The answer is lost, the job exists. */
  unknown: "unknown-submit",
  /** The answer is lost, and so is the job. */
  unknownLost: "unknown-lost",
  neverStarts: NEVER_STARTS,
} as const;

/** Slurm's MinJobAge: how long an ended job stays visible in the queue. */
const SHOWN_AFTER_END_MS = 300_000;

type State = {
  queue: FakeQueue;
  now: () => Date;
  cpus: number;
  silent: boolean;
  accountingSilent: boolean;
  hidden: Set<string>;
  forgotten: Set<string>;
  refused: Set<string>;
};

/** A scheduler of `cpus` cores whose time is `now`. */
export function fake(now: () => Date = () => new Date(), { cpus = 8 }: { cpus?: number } = {}): FakeScheduler {
  const state: State = {
    queue: fakeQueue(cpus, now),
    now,
    cpus,
    silent: false,
    accountingSilent: false,
    hidden: new Set(),
    forgotten: new Set(),
    refused: new Set(),
  };
  return {
    submit: async (spec) => submit(state, spec),
    jobs: async ({ owner }) => {
      answering(state);
      const shown = state.queue.jobs.filter((job) =>
        owner ? isShown(state, job) && job.spec.owner === owner : isShown(state, job) && !state.hidden.has(job.id),
      );
      return shown.map(state.queue.view);
    },
    find: async (owner, tag) => {
      answering(state);
      const known = state.queue.jobs.filter((job) =>
        state.accountingSilent ? isShown(state, job) : !state.forgotten.has(job.id),
      );
      return known.find(({ spec }) => spec.owner === owner && spec.tag === tag)?.id ?? null;
    },
    control: async (owner, id, action) => control(state, { owner, id, action }),
    history: async ({ owner, ids, tag, since }) => {
      answering(state);
      if (state.accountingSilent) throw new PortalError("cluster", "Accounting does not answer.");
      const wanted = (job: FakeJob) =>
        job.spec.owner === owner && (!ids || ids.includes(job.id)) && (!tag || job.spec.tag === tag);
      const past = state.queue.jobs.filter((job) => wanted(job) && !state.forgotten.has(job.id));
      return past.filter((job) => (job.endedAt ?? now()) >= since).map((job) => finished(state, job));
    },
    facts: async () => facts(state),
    access: async (owner) => {
      answering(state);
      const admitted = !state.refused.has(owner);
      const words = admitted ? null : `${owner} has no account here.`;
      return { accounts: [], defaultAccount: null, qos: [], defaultQos: [], walltimes: [], admitted, words };
    },
    estimate: async (spec) => estimate(state, spec),
    preview: (spec) => [
      "fake-submit",
      `--name=${spec.tag}`,
      `--cpus=${spec.cpus}`,
      `--minutes=${spec.limitMinutes}`,
      spec.script,
    ],
    fake: controls(state),
  };
}

function controls(state: State): FakeControls {
  const { queue } = state;
  return {
    end: (id, ending) => {
      queue.settle();
      queue.finish(jobById(queue, id), ending);
    },
    silence: (on) => {
      state.silent = on;
    },
    silenceAccounting: (on) => {
      state.accountingSilent = on;
    },
    hide: (...ids) => ids.forEach((id) => void state.hidden.add(id)),
    forget: (...ids) => ids.forEach((id) => void state.forgotten.add(id)),
    refuse: (...owners) => owners.forEach((owner) => void state.refused.add(owner)),
    get taken() {
      return queue.jobs.map(({ spec }) => spec);
    },
  };
}

function answering(state: State) {
  if (state.silent) throw new PortalError("cluster", "The scheduler does not answer.", { words: "Connection refused" });
  state.queue.settle();
}

function isShown(state: State, job: FakeJob): boolean {
  if (state.forgotten.has(job.id)) return false;
  return job.endedAt === null || state.now().getTime() - job.endedAt.getTime() < SHOWN_AFTER_END_MS;
}

function jobById(queue: FakeQueue, id: string): FakeJob {
  const job = queue.jobs.find((entry) => entry.id === id);
  if (!job) throw new PortalError("not_found", `There is no job ${id}.`, { words: "Invalid job id specified" });
  return job;
}

function refusal(state: State, spec: JobSpec): string | null {
  if (spec.partition === SENTINELS.rejects) return "error: this partition always rejects";
  if (state.refused.has(spec.owner)) return "error: Invalid account or account/partition combination specified";
  if (spec.cpus * spec.nodes > state.cpus) return "error: Requested node configuration is not available";
  return null;
}

function submit(state: State, spec: JobSpec) {
  const lost = { outcome: "unknown", words: "Socket timed out on send/recv operation" } as const;
  if (state.silent || spec.partition === SENTINELS.unknownLost) return lost;
  const words = refusal(state, spec);
  if (words) return { outcome: "rejected", words } as const;
  const job = state.queue.add({ ...spec, environment: { ...spec.environment } });
  if (spec.partition === SENTINELS.unknown) return lost;
  return { outcome: "accepted", jobId: job.id, directory: job.directory } as const;
}

function control(state: State, { owner, id, action }: { owner: string; id: string; action: JobAction }) {
  answering(state);
  if (!/^\d+$/.test(id)) throw new PortalError("invalid", `Not a job id: ${id}`);
  const job = state.queue.jobs.find((entry) => entry.id === id);
  if (action.kind === "cancel" && (!job || job.endedAt)) return;
  if (!job || job.endedAt) throw new PortalError("conflict", `Job ${id} is not there any more.`);
  if (job.spec.owner !== owner) throw new PortalError("forbidden", `Job ${id} belongs to somebody else.`);
  act(state.queue, job, action);
}

function act(queue: FakeQueue, job: FakeJob, action: JobAction): void {
  switch (action.kind) {
    case "cancel":
      queue.finish(job, { end: "cancelled", cancelledBy: job.spec.owner });
      return;
    case "limit":
      job.limitMinutes = action.minutes;
      return;
    case "requeue":
      job.startedAt = null;
      return;
    default:
      job.held = action.kind === "hold";
  }
}

function finished(state: State, job: FakeJob): FinishedJob {
  const end = job.endedAt ?? state.now();
  const seconds = job.startedAt ? (end.getTime() - job.startedAt.getTime()) / 1000 : 0;
  return { ...state.queue.view(job), maxMemoryMiB: null, cpuSeconds: Math.round(seconds * job.spec.cpus) };
}

function facts(state: State): ClusterFacts {
  answering(state);
  const { queue, cpus } = state;
  const cpusFree = queue.freeCpus();
  const partition = (name: string): PartitionFacts => ({
    name,
    up: true,
    isDefault: name === "cpu",
    hidden: false,
    maxMinutes: 1440,
    defaultMinutes: 60,
    maxNodes: 1,
    cpusTotal: cpus,
    cpusFree,
    cpusPerNode: cpus,
    memoryMiBPerNode: 65_536,
    gpus: [],
    features: [],
    nodes: ["fake1"],
    allowAccounts: [],
    allowQos: [],
    qos: null,
  });
  const memory = { memoryMiB: 65_536, memoryMiBFree: 65_536 };
  const node = { name: "fake1", address: "127.0.0.1", state: "idle", reason: null, cpus, cpusFree, ...memory };
  const open = queue.jobs.filter((job) => !job.endedAt);
  return {
    scheduler: "fake",
    partitions: ["cpu", ...Object.values(SENTINELS)].map(partition),
    nodes: [{ ...node, gpus: [], features: [] }],
    accounting: !state.accountingSilent,
    running: open.filter((job) => job.startedAt).length,
    queued: open.filter((job) => !job.startedAt).length,
  };
}

function estimate(state: State, spec: JobSpec): Estimate {
  answering(state);
  const words = refusal(state, spec);
  if (words) return { accepted: false, words };
  const now = spec.cpus * spec.nodes <= state.queue.freeCpus();
  return { accepted: true, expectedStartAt: now ? state.now() : null, node: now ? "fake1" : null, words: "" };
}
