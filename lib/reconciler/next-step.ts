// What to do next about one session, given what the scheduler says of its job. Pure: time and job are arguments, nothing
// is asked and nothing written here. Unknown is not dead: without a job the answer is to look, never to end.
import type { Job } from "@/lib/scheduler/scheduler";
import { mostSeconds } from "@/lib/sessions/rules";
import type { SessionPatch, SessionRow } from "@/lib/sessions/store";

export type Step =
  | { do: "nothing" }
  /** Write this down; `event` names what happened. */
  | { do: "change"; patch: SessionPatch; event: string | null }
  /** Search for a job whose id was never learned, as its owner. */
  | { do: "look" }
  /** Hand it to the scheduler again, with the same tag. */
  | { do: "submit" }
  /** End it without a job: it was stopped, or could not be submitted. */
  | { do: "end-unsubmitted" }
  /** Read its files and ask its app. */
  | { do: "inspect" }
  /** The queue no longer shows the job: ask accounting, and the queue as its owner. */
  | { do: "check-absence" }
  /** Its time is over by its own limit, or its stop is long ago, and there is nobody to ask. */
  | { do: "end-unseen"; endedAt: Date }
  | { do: "cancel"; jobIds: string[] }
  | { do: "finish"; job: Job }
  | { do: "clean" };

export type Waits = {
  lookApartSeconds: number;
  absenceSeconds: number;
  startTimeoutSeconds: number;
};

/** A wish is handed over at most this often before it is given up. */
export const maxSubmits = 3;
/** Another process may be in the middle of submitting a session this young. */
const settleSeconds = 10;
/** Accounting is asked at most this often for a job that the queue does not show. */
const absenceLooksApartSeconds = 15;
/** The job ends itself at its deadline; the portal does it when that was not done this much later. */
const deadlineGraceSeconds = 90;
/** By how much a job may outlast its hard limit: the scheduler's own grace, and what takes long to die. */
const limitGraceSeconds = 3600;
/** What never started has no limit. A person who is not let in for a week after their stop is gone: no outage lasts as long. */
const unlimitedGraceSeconds = 7 * 86_400;

const secondsSince = (at: Date | null, now: Date): number =>
  at ? (now.getTime() - at.getTime()) / 1000 : Number.POSITIVE_INFINITY;

export type Given = {
  now: Date;
  waits: Waits;
  /** Since when somebody could look at it without a break: nobody is blamed for what nobody asked. */
  lookingSince: Date;
};

/** The next step for `row`; `job` is null when the scheduler answered and did not show it. */
export function nextStep(row: SessionRow, job: Job | null, given: Given): Step {
  if (row.state === "ended") return clean(row, job, given.now);
  if (!row.jobId) return job ? adopt(row, job, given.now) : unsubmitted(row, given);
  if (!job) return absent(row, given);
  if (job.id !== row.jobId) return adopt(row, job, given.now);
  if (job.state === "ended") return { do: "finish", job };
  if (row.state === "stopping") return job.state === "completing" ? { do: "nothing" } : cancel(job);
  if (row.absentSince) return { do: "change", patch: { absentSince: null }, event: null };
  if (job.state === "queued" || job.state === "held") return waiting(row, job, given.now);
  return running(row, job, given);
}

/**
 * The next step for `row` while its person, who alone sees its job, is not let in: nothing, until even the scheduler has ended
 * what was to stop. Should it run all the same (suspended, say), it is cancelled before it is cleaned, once it is seen.
 */
export function unseenStep({ state, limitAt, stopRequestedAt }: SessionRow, now: Date): Step {
  const endedAt = limitAt ?? stopRequestedAt;
  const grace = limitAt ? limitGraceSeconds : unlimitedGraceSeconds;
  const over = state === "stopping" && endedAt && secondsSince(endedAt, now) > grace;
  return over ? { do: "end-unseen", endedAt } : { do: "nothing" };
}

const cancel = (job: Job): Step => ({ do: "cancel", jobIds: [job.id] });

/** By id where it is known: what a session that was given up left in the queue has one, whatever the row says. */
function clean(row: SessionRow, job: Job | null, now: Date): Step {
  if (job && job.state !== "ended" && job.state !== "completing") return cancel(job);
  return secondsSince(row.nextCleanAt, now) < 0 ? { do: "nothing" } : { do: "clean" };
}

function adopt(row: SessionRow, job: Job, now: Date): Step {
  const state = row.state === "stopping" ? "stopping" : "queued";
  const patch = { state, jobId: job.id, queuedAt: row.queuedAt ?? now, endWords: null } satisfies SessionPatch;
  return { do: "change", patch, event: "session.adopted" };
}

/** Nobody knows whether a job exists: two empty looks, apart in time, before it is handed over again. */
function unsubmitted(row: SessionRow, { now, waits }: { now: Date; waits: Waits }): Step {
  if (secondsSince(row.submittedAt, now) < settleSeconds) return { do: "nothing" };
  if (row.looks === 0) return { do: "look" };
  if (row.looks < 2)
    return secondsSince(row.lastLookAt, now) < waits.lookApartSeconds ? { do: "nothing" } : { do: "look" };
  if (row.state === "stopping" || row.submitTries + 1 >= maxSubmits) return { do: "end-unsubmitted" };
  return { do: "submit" };
}

function absent(row: SessionRow, { now, waits }: { now: Date; waits: Waits }): Step {
  const apart = Math.min(absenceLooksApartSeconds, waits.absenceSeconds / 4);
  if (row.absentSince && secondsSince(row.lastLookAt, now) < apart) return { do: "nothing" };
  return { do: "check-absence" };
}

function queueOf(job: Job) {
  return {
    position: job.position,
    reason: job.native.reason,
    expectedStartAt: job.expectedStartAt?.toISOString() ?? null,
  };
}

/** JSON columns come back with their keys in another order: compare what they say. */
function same(a: unknown, b: Record<string, unknown>): boolean {
  if (typeof a !== "object" || a === null) return false;
  const kept = new Map<string, unknown>(Object.entries(a));
  return Object.entries(b).every(([key, value]) => kept.get(key) === value);
}

/**
 * What it has run before a requeue, which its next start does not tell. Schedulers submit a requeued job anew, at that very
 * moment; `seenAt`, where that is not known, may be hours later.
 */
function ranBefore(row: SessionRow, { submittedAt }: Job, seenAt: Date): number {
  if (row.state === "queued" || !row.startedAt) return row.earlierSeconds;
  const until = submittedAt > row.startedAt ? submittedAt : seenAt;
  return Math.min(mostSeconds, row.earlierSeconds + Math.max(0, Math.round(secondsSince(row.startedAt, until))));
}

/** Queued; also again, after a requeue: what belonged to the earlier start is dropped. */
function waiting(row: SessionRow, job: Job, now: Date): Step {
  const patch = { queue: queueOf(job), native: job.native, partition: job.partition, account: job.account };
  if (row.state === "queued") {
    const news = !same(row.queue, patch.queue) || row.partition !== job.partition;
    return news ? { do: "change", patch, event: null } : { do: "nothing" };
  }
  const dropped = {
    earlierSeconds: ranBefore(row, job, now),
    startedAt: null,
    readyAt: null,
    endsAt: null,
    limitAt: null,
    node: null,
    nodeAddress: null,
    port: null,
    secretSealed: null,
    connectionId: null,
  };
  return { do: "change", patch: { ...patch, ...dropped, state: "queued" }, event: "session.requeued" };
}

/** It was requeued and runs again; its waiting in between was not seen. */
const hasRestarted = (row: SessionRow, job: Job): boolean =>
  row.startedAt !== null &&
  job.startedAt !== null &&
  Math.abs(row.startedAt.getTime() - job.startedAt.getTime()) > 1500;

function running(row: SessionRow, job: Job, { now, waits, lookingSince }: Given): Step {
  if (row.state === "queued" || row.state === "submitting" || hasRestarted(row, job)) return started(row, job, now);
  // What is suspended spends none of its time; once it runs again, the scheduler says for how long it stood still.
  if (job.state === "running") {
    const { limitAt, suspendedSeconds } = job;
    const endsAt = row.startedAt && suspendedSeconds ? endOf(row, row.startedAt, suspendedSeconds) : row.endsAt;
    if (endsAt?.getTime() !== row.endsAt?.getTime() || limitAt?.getTime() !== row.limitAt?.getTime())
      return { do: "change", patch: { limitAt, endsAt }, event: null };
  }
  if (spendsTime(job) && row.endsAt && secondsSince(row.endsAt, now) > deadlineGraceSeconds) return stopFor("deadline");
  if (!same(row.native, job.native)) return { do: "change", patch: { native: job.native }, event: null };
  // What is suspended cannot answer, and what completes is about to end with its own reason.
  if (row.state === "ready" || job.state !== "running") return { do: "nothing" };
  // By the cluster's clock and by ours: a portal whose clock is ahead must not end what has only just begun.
  const since = [row.startedAt, row.updatedAt, lookingSince].map((at) => secondsSince(at, now));
  const waited = Math.min(...since);
  if (waited > waits.startTimeoutSeconds) return stopFor("start-timeout");
  return { do: "inspect" };
}

/** STOPPED keeps its processors, and its limit runs on; only who is SUSPENDED gave them away (squeue(1), "JOB STATE CODES"). */
const spendsTime = ({ state, native }: Job): boolean =>
  state === "running" || (state === "suspended" && native.state === "STOPPED");

/** When the time that was asked for is over. */
function endOf(row: SessionRow, startedAt: Date, suspendedSeconds = 0): Date {
  // The request was stored by createSession from the schema.
  const { minutes } = row.request as { minutes: number };
  return new Date(startedAt.getTime() + minutes * 60_000 + suspendedSeconds * 1000);
}

const startOf = (row: SessionRow, job: Job, startedAt: Date) => ({
  earlierSeconds: ranBefore(row, job, startedAt),
  startedAt,
  endsAt: endOf(row, startedAt, job.suspendedSeconds),
});

/** What the row has to say of its last start once `job` has ended: a requeue that nobody saw is told by the job alone. */
export function lastStart(row: SessionRow, job: Job): Pick<SessionRow, "earlierSeconds" | "startedAt" | "endsAt"> {
  const { earlierSeconds, startedAt, endsAt } = row;
  if (job.startedAt && hasRestarted(row, job)) return startOf(row, job, job.startedAt);
  const waitedAgain = startedAt !== null && job.startedAt === null && job.submittedAt > startedAt;
  if (waitedAgain) return { earlierSeconds: ranBefore(row, job, job.submittedAt), startedAt: null, endsAt: null };
  return { earlierSeconds, startedAt: startedAt ?? job.startedAt, endsAt };
}

function started(row: SessionRow, job: Job, now: Date): Step {
  const patch: SessionPatch = {
    ...startOf(row, job, job.startedAt ?? now),
    state: "starting",
    readyAt: null,
    limitAt: job.limitAt,
    node: job.nodes[0] ?? null,
    nodeAddress: null,
    connectionId: null,
    secretSealed: null,
    port: null,
    native: job.native,
    partition: job.partition,
    account: job.account,
  };
  return { do: "change", patch, event: "session.started" };
}

/** Kept in endReason while stopping, so that the end tells why. */
const stopFor = (endReason: "deadline" | "start-timeout"): Step => ({
  do: "change",
  patch: { state: "stopping", endReason },
  event: `session.${endReason}`,
});
