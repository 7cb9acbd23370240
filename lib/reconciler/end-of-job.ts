// Why a session ended, from three accounts: what the person or the portal asked for, what the job itself wrote down, and
// what the scheduler says. Pure.
import { lastStart } from "@/lib/reconciler/next-step";
import type { Job, JobEnd } from "@/lib/scheduler/scheduler";
import { endSentence } from "@/lib/sessions/rules";
import type { EndReason } from "@/lib/sessions/schema";
import type { SessionFiles } from "@/lib/sessions/session-files";
import type { SessionPatch, SessionRow } from "@/lib/sessions/store";

type Ended = SessionFiles["ended"];

/** The scheduler's own reasons, where they are stronger than anything the job could have written. */
const beyondTheJob: Partial<Record<JobEnd, EndReason>> = {
  "out-of-memory": "out-of-memory",
  "node-failed": "node-failed",
  preempted: "preempted",
};

/**
 * The time that was asked for was over: the job wrote nothing that could be read, but ended itself without an error, or the
 * scheduler's limit, where that is no later, came first.
 */
function endedOnTime(row: SessionRow, job: Job, ended: Ended): boolean {
  const byItself = ended === null && job.end === "finished";
  if (!byItself && job.end !== "time-limit") return false;
  return row.endsAt !== null && (job.endedAt ?? row.endsAt) >= row.endsAt;
}

function reasonOf(row: SessionRow, job: Job, ended: Ended): EndReason {
  const forced = job.end ? beyondTheJob[job.end] : undefined;
  if (forced) return forced;
  // Set by next-step when the portal itself decided to end it.
  if (row.endReason) return row.endReason as EndReason;
  if (row.stopRequestedAt) return "stopped";
  if (ended?.reason === "deadline" || endedOnTime(row, job, ended)) return "deadline";
  // Slurm says so itself where it counts the kills; where it does not, the job's own cgroup did.
  if (ended?.reason === "out-of-memory") return "out-of-memory";
  if (job.end === "time-limit" || job.end === "cancelled") return job.end;
  if (job.end === "finished") return "finished";
  return "failed";
}

/** The scheduler's words on an end: state, exit code, signal, reason. */
export function wordsOf(job: Job): string {
  const { state, reason, exitCode, signal } = job.native;
  const parts = [
    state,
    exitCode !== null && `exit code ${exitCode}`,
    signal && `signal ${signal}`,
    reason !== "None" && reason,
  ];
  return parts.filter(Boolean).join(", ");
}

/** `ended` is undefined where nobody could read it. The row's last change of state. The secret dies with it; quota is released by the state alone. */
export function endPatch(
  known: SessionRow,
  job: Job,
  given: { ended: Ended | undefined; now: Date; startTimeoutSeconds: number; silent: boolean },
): SessionPatch {
  const start = lastStart(known, job);
  const row = { ...known, ...start };
  const endReason = reasonOf(row, job, given.ended ?? null);
  // Stored by createSession from the schema.
  const request = row.request as { minutes: number; memoryGiB: number };
  // The job ended itself and wrote down with what; what Slurm has may be the batch shell's own.
  const exitCode = endReason === "failed" && given.ended ? given.ended.code : job.native.exitCode;
  const node = job.nodes[0] ?? row.node;
  const { startTimeoutSeconds, silent: accountingSilent } = given;
  const { signal } = job.native;
  const { cancelledBy } = job;
  const obstacle = given.ended?.reason;
  const circumstances = {
    request,
    exitCode,
    signal,
    cancelledBy,
    node,
    obstacle,
    hasNoFiles: given.ended === null,
    startTimeoutSeconds,
    accountingSilent,
  };
  const sentence = endSentence(endReason, circumstances);
  return {
    state: "ended",
    endReason,
    // Who stopped it, when that was not its owner, is written down at that moment.
    endDetail: (endReason === "stopped" && row.endDetail) || sentence,
    endWords: wordsOf(job),
    native: job.native,
    ...start,
    node,
    endedAt: job.endedAt ?? given.now,
    secretSealed: null,
    port: null,
  };
}

type Told = NonNullable<Ended>;

/** TERM came from outside: neither the person nor the portal asked for it, and a deadline is not told in this way. */
const endOf = ({ reason, code }: Told): JobEnd =>
  reason === "terminated" ? "cancelled" : code === 0 ? "finished" : "failed";

/** The end of a job that no scheduler remembers, from what it wrote down itself; without a node's or a person's name. */
export function endToldByJob(
  row: SessionRow,
  ended: Told,
  given: { now: Date; startTimeoutSeconds: number; silent: boolean },
): SessionPatch {
  // When it was last certain that it had not ended, or when it had to end.
  const seenAt = row.absentSince ?? given.now;
  const endedAt = row.endsAt && row.endsAt < seenAt ? row.endsAt : seenAt;
  const job: Job = {
    id: row.jobId ?? "",
    tag: "",
    owner: row.unixAccount,
    state: "ended",
    native: { state: "", reason: "None", exitCode: ended.code, signal: null },
    partition: row.partition,
    account: row.account,
    qos: null,
    nodes: [],
    submittedAt: row.submittedAt,
    startedAt: row.startedAt,
    limitAt: row.limitAt,
    endedAt,
    expectedStartAt: null,
    position: null,
    end: endOf(ended),
    cancelledBy: null,
  };
  const { native: _, ...patch } = endPatch(row, job, { ...given, ended });
  return { ...patch, endWords: null };
}
