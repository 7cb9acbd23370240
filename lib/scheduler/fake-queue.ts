// The queue behind the in-memory scheduler: first come, first served, one pool of cores. Time is whatever the clock says;
// everything due by then happens when somebody next asks.
import type { Job, JobEnd, JobSpec } from "./scheduler";

export type FakeJob = {
  id: string;
  spec: JobSpec;
  directory: string;
  submittedAt: Date;
  startedAt: Date | null;
  endedAt: Date | null;
  end: JobEnd | null;
  exitCode: number | null;
  cancelledBy: string | null;
  limitMinutes: number;
  held: boolean;
};

export type FakeEnding = { end: JobEnd; exitCode?: number; cancelledBy?: string };

export type FakeQueue = ReturnType<typeof fakeQueue>;

/** Jobs of a partition with this name stay queued for ever. */
export const NEVER_STARTS = "never-starts";

const MINUTE = 60_000;
const limitAt = (job: FakeJob) =>
  job.startedAt ? new Date(job.startedAt.getTime() + job.limitMinutes * MINUTE) : null;
const isQueued = (job: FakeJob) => job.startedAt === null && job.endedAt === null;
const isRunning = (job: FakeJob) => job.startedAt !== null && job.endedAt === null;
const cpusOf = (job: FakeJob) => job.spec.cpus * job.spec.nodes;

/** A queue with `cpus` cores. */
export function fakeQueue(cpus: number, now: () => Date) {
  const jobs: FakeJob[] = [];
  const freeCpus = () => cpus - jobs.filter(isRunning).reduce((sum, job) => sum + cpusOf(job), 0);
  const waiting = () => jobs.filter((job) => isQueued(job) && !job.held && job.spec.partition !== NEVER_STARTS);

  function startDue(at: Date) {
    for (const job of waiting()) {
      if (cpusOf(job) > freeCpus()) return;
      job.startedAt = new Date(Math.max(at.getTime(), job.submittedAt.getTime()));
    }
  }

  function nextOverrun(): FakeJob | undefined {
    const due = jobs.filter((job) => isRunning(job) && (limitAt(job)?.getTime() ?? 0) <= now().getTime());
    return due.sort((a, b) => (limitAt(a)?.getTime() ?? 0) - (limitAt(b)?.getTime() ?? 0))[0];
  }

  /** Lets happen, in order, what is due by now. */
  function settle() {
    startDue(now());
    for (let job = nextOverrun(); job; job = nextOverrun()) {
      const at = limitAt(job) ?? now();
      finish(job, { end: "time-limit" }, at);
      startDue(at);
    }
  }

  function finish(job: FakeJob, ending: FakeEnding, at = now()) {
    job.endedAt = at;
    job.end = ending.end;
    job.exitCode = ending.exitCode ?? (ending.end === "finished" ? 0 : null);
    job.cancelledBy = ending.cancelledBy ?? null;
  }

  function add(spec: JobSpec): FakeJob {
    const job: FakeJob = {
      id: String(1001 + jobs.length),
      spec,
      directory: spec.directory.replace(/^~/, `/home/${spec.owner}`),
      submittedAt: now(),
      startedAt: null,
      endedAt: null,
      end: null,
      exitCode: null,
      cancelledBy: null,
      limitMinutes: spec.limitMinutes,
      held: false,
    };
    jobs.push(job);
    return job;
  }

  return { jobs, add, finish, settle, freeCpus, view: (job: FakeJob) => view(job, waiting(), freeCpus()) };
}

const NATIVE: Record<JobEnd, string> = {
  finished: "COMPLETED",
  failed: "FAILED",
  "out-of-memory": "OUT_OF_MEMORY",
  "time-limit": "TIMEOUT",
  "node-failed": "NODE_FAIL",
  preempted: "PREEMPTED",
  cancelled: "CANCELLED",
};

function view(job: FakeJob, waiting: FakeJob[], freeCpus: number): Job {
  const queued = isQueued(job);
  const state = job.end ? "ended" : !queued ? "running" : job.held ? "held" : "queued";
  const place = waiting.indexOf(job);
  const blocked = cpusOf(job) > freeCpus || place > 0 ? (place > 0 ? "Priority" : "Resources") : "None";
  return {
    id: job.id,
    tag: job.spec.tag,
    owner: job.spec.owner,
    state,
    native: {
      state: job.end ? NATIVE[job.end] : queued ? "PENDING" : "RUNNING",
      reason: job.held ? "JobHeldUser" : queued ? blocked : "None",
      exitCode: job.exitCode,
      signal: null,
    },
    partition: job.spec.partition ?? "cpu",
    account: job.spec.account ?? null,
    qos: job.spec.qos ?? null,
    nodes: job.startedAt ? ["fake1"] : [],
    submittedAt: job.submittedAt,
    startedAt: job.startedAt,
    limitAt: limitAt(job),
    endedAt: job.endedAt,
    expectedStartAt: null,
    position: place < 0 ? null : place + 1,
    end: job.end,
    cancelledBy: job.cancelledBy,
  };
}
