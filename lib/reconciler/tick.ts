// One look at one cluster: one question to the scheduler, then one step for each session that needs one.
import { cluster } from "@/lib/clusters/cluster";
import { type Snapshot, writeSnapshot } from "@/lib/clusters/store";
import { config } from "@/lib/config";
import { db, notify, transaction } from "@/lib/db";
import { isPortalError } from "@/lib/errors";
import { log } from "@/lib/log";
import { nextStep } from "@/lib/reconciler/next-step";
import { startTimeoutOf, takeStep } from "@/lib/reconciler/take-step";
import type { Job } from "@/lib/scheduler/scheduler";
import { forgetAbsences, openSessions, type SessionRow } from "@/lib/sessions/store";
import { tagOf } from "@/lib/templates/to-job-spec";

/** What a reconciler of one cluster keeps between ticks. Losing it loses nothing. */
export type TickMemory = {
  /** Sessions whose step is under way, so that a slow one holds up nobody else. */
  working: Map<string, Promise<void>>;
  failedSince: Date | null;
  answerWrittenAt: number;
};

export const newMemory = (): TickMemory => ({
  working: new Map(),
  failedSince: null,
  answerWrittenAt: Number.NEGATIVE_INFINITY,
});

/** Everybody's jobs in one question, or one question for each person with open sessions where the poller sees only its own. */
async function askJobs(name: string, rows: SessionRow[]): Promise<Job[]> {
  const { scheduler, config: settings } = cluster(name);
  if (settings.poll === "all") return scheduler.jobs({});
  const owners = [...new Set(rows.map((row) => row.unixAccount))];
  return (await Promise.all(owners.map((owner) => scheduler.jobs({ owner })))).flat();
}

/** The session's job: by id and name, or by name alone while the id is not known; always its owner's. */
export function jobOf(row: SessionRow, jobs: Job[]): Job | null {
  const own = jobs.filter((job) => job.tag === tagOf(row.id) && job.owner === row.unixAccount);
  if (row.jobId !== null) return own.findLast((job) => job.id === row.jobId) ?? null;
  // Slurm keeps a FAILED record of some submits that it refused: that was never a job.
  return own.findLast((job) => job.end !== "failed" || job.nodes.length > 0) ?? null;
}

async function noteAnswer(name: string, memory: TickMemory, change: Partial<Snapshot>): Promise<void> {
  const wasDown = memory.failedSince !== null;
  memory.failedSince = change.failedSince ?? null;
  const turned = wasDown !== (memory.failedSince !== null);
  // Written when it turns, and now and then so that other processes see that it is watched.
  if (!turned && performance.now() - memory.answerWrittenAt < 10_000) return;
  memory.answerWrittenAt = performance.now();
  await transaction(async (tx) => {
    await writeSnapshot(tx, name, change);
    if (turned) await notify(tx, { kind: "cluster", name });
  });
}

async function noteSilence(name: string, memory: TickMemory, error: unknown): Promise<void> {
  const words = isPortalError(error) ? error.message : "The scheduler could not be asked.";
  if (!isPortalError(error)) log().error({ error, cluster: name }, "asking the scheduler failed");
  await noteAnswer(name, memory, { failedSince: memory.failedSince ?? new Date(), error: words });
  await forgetAbsences(db(), name);
}

function dispatch(row: SessionRow, jobs: Job[], memory: TickMemory): void {
  if (memory.working.has(row.id)) return;
  const now = new Date();
  const { waits } = config();
  const step = nextStep(row, jobOf(row, jobs), { now, waits: { ...waits, startTimeoutSeconds: startTimeoutOf(row) } });
  if (step.do === "nothing") return;
  const work = takeStep(row, step, { now, waits })
    .catch((error: unknown) => log().warn({ error, session: row.id, step: step.do }, "step will be tried again"))
    .finally(() => memory.working.delete(row.id));
  memory.working.set(row.id, work);
}

/** How soon the next look is due, in seconds: every second while something is about to happen. */
export function nextLookSeconds(
  rows: SessionRow[],
  now: Date,
  waits: { busyPollSeconds: number; quietPollSeconds: number },
): number {
  const due = rows.map((row) => {
    if (row.state === "ready") return row.absentSince ? waits.busyPollSeconds : waits.quietPollSeconds;
    if (row.state === "ended")
      return row.nextCleanAt && row.nextCleanAt > now ? waits.quietPollSeconds : waits.busyPollSeconds;
    if (row.state !== "queued") return waits.busyPollSeconds;
    // What has waited long is unlikely to start this very second.
    const waited = row.queuedAt ? (now.getTime() - row.queuedAt.getTime()) / 1000 : 0;
    return Math.min(waits.quietPollSeconds, Math.max(waits.busyPollSeconds, waited / 60));
  });
  return Math.min(waits.quietPollSeconds, ...due);
}

/** Looks once. Returns after how many seconds to look again. */
export async function tick(name: string, memory: TickMemory): Promise<number> {
  const { waits } = config();
  const rows = await openSessions(db(), name);
  if (rows.length === 0) return waits.quietPollSeconds;
  try {
    const jobs = await askJobs(name, rows);
    await noteAnswer(name, memory, { answeredAt: new Date(), failedSince: null, error: null });
    for (const row of rows) dispatch(row, jobs, memory);
  } catch (error) {
    await noteSilence(name, memory, error);
    // A scheduler in trouble is not helped by being asked more often.
    return Math.min(waits.quietPollSeconds, waits.busyPollSeconds * 5);
  }
  return nextLookSeconds(rows, new Date(), waits);
}
