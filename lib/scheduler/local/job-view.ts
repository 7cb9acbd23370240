// Turns what the engine keeps on disk into the portal's words for a job. Slurm's words are used for states and reasons,
// so that people and pages need to know only one vocabulary.
import type { FinishedJob, Job, JobEnd } from "@/lib/scheduler/scheduler";
import type { Phase, StoredJob } from "./engine/records.mjs";
import { phaseOf } from "./engine/records.mjs";
import { nodeName } from "./machine";

const NATIVE: Record<Exclude<Phase, "ended">, string> = {
  queued: "PENDING",
  starting: "PENDING",
  held: "PENDING",
  running: "RUNNING",
  completing: "COMPLETING",
};

const NATIVE_END: Record<Exclude<JobEnd, "preempted">, string> = {
  finished: "COMPLETED",
  failed: "FAILED",
  "out-of-memory": "OUT_OF_MEMORY",
  "time-limit": "TIMEOUT",
  "node-failed": "NODE_FAIL",
  cancelled: "CANCELLED",
};

type Place = { position: number | null; expectedStartAt: Date | null };

const NOWHERE: Place = { position: null, expectedStartAt: null };

/** The jobs, in order of arrival, as the portal sees them; `forecast`: when each waiting one starts (milliseconds), by id. */
export function viewJobs(stored: StoredJob[], forecast: ReadonlyMap<string, number>): Job[] {
  let waiting = 0;
  return stored.map((job) => {
    const phase = phaseOf(job);
    if (phase !== "queued" && phase !== "starting") return viewJob(job, phase, NOWHERE);
    waiting += 1;
    const startsAt = forecast.get(job.id) ?? Number.POSITIVE_INFINITY;
    return viewJob(job, phase, {
      position: waiting,
      expectedStartAt: Number.isFinite(startsAt) ? new Date(startsAt) : null,
    });
  });
}

/** An ended job with what it used. */
export function viewFinished(job: StoredJob): FinishedJob {
  const { maxMemoryMiB = null, cpuSeconds = null } = job.end ?? {};
  return { ...viewJob(job, "ended", NOWHERE), maxMemoryMiB, cpuSeconds };
}

function viewJob(job: StoredJob, phase: Phase, place: Place): Job {
  const { record, supervisor, end } = job;
  const startedAt = supervisor ? new Date(supervisor.startedAt) : null;
  return {
    id: job.id,
    tag: record.tag,
    owner: record.owner,
    state: phase === "starting" ? "queued" : phase,
    native: nativeWords(end, phase, place),
    partition: record.partition,
    account: null,
    qos: null,
    nodes: startedAt ? [nodeName()] : [],
    submittedAt: new Date(record.submittedAt),
    startedAt,
    limitAt: startedAt && new Date(startedAt.getTime() + record.limitSeconds * 1000),
    endedAt: end && new Date(end.endedAt),
    ...place,
    end: end?.end ?? null,
    cancelledBy: end?.end === "cancelled" ? (record.cancel?.by ?? null) : null,
  };
}

function nativeWords(end: StoredJob["end"], phase: Phase, { position }: Place): Job["native"] {
  if (end) return { state: NATIVE_END[end.end], reason: end.words, exitCode: end.exitCode, signal: end.signal };
  const state = phase === "ended" ? "COMPLETED" : NATIVE[phase];
  return { state, reason: reasonOf(phase, position), exitCode: null, signal: null };
}

/** Why a job waits, as squeue(1) says it under "JOB REASON CODES". */
function reasonOf(phase: Phase, position: number | null): string {
  if (phase === "held") return "JobHeldUser";
  if (phase !== "queued") return "None";
  return position === 1 ? "Resources" : "Priority";
}
