// Carries out one step for one session: what was decided is committed first, effects on the cluster come after and may
// be repeated. A row that somebody else changed meanwhile is left for the next tick.
import { cluster } from "@/lib/clusters/cluster";
import { transaction } from "@/lib/db";
import { isAccountRefused, isPortalError } from "@/lib/errors";
import { killPoint } from "@/lib/kill-point";
import { becomeReady } from "@/lib/reconciler/become-ready";
import { commit, commitIn } from "@/lib/reconciler/commit";
import { endPatch, endToldByJob } from "@/lib/reconciler/end-of-job";
import { type Step, unseenStep } from "@/lib/reconciler/next-step";
import type { FinishedJob, Job } from "@/lib/scheduler/scheduler";
import { countEnd } from "@/lib/sessions/count-end";
import { endOfLog, readBytes } from "@/lib/sessions/kept-log";
import { recordUsage } from "@/lib/sessions/record-usage";
import { endSentence } from "@/lib/sessions/rules";
import type { EndReason } from "@/lib/sessions/schema";
import { type ConnectionFile, readSessionFiles, removeLeftovers } from "@/lib/sessions/session-files";
import type { SessionPatch, SessionRow } from "@/lib/sessions/store";
import { submitSession } from "@/lib/sessions/submit-session";
import { templates } from "@/lib/templates/template";
import { tagOf } from "@/lib/templates/to-job-spec";

export type StepWaits = { absenceSeconds: number; cleanRetrySeconds: number };

/** About a week, at the default pauses. */
const mostCleanTries = 175;
const recordApartMs = 5000;
const recordWaitMs = 10_000;

/** How long an app may take to answer after its job started, in seconds. Without its template nobody can tell. */
export const startTimeoutOf = (row: SessionRow): number =>
  templates().get(row.template)?.manifest.health.timeoutSeconds ?? Number.POSITIVE_INFINITY;

/**
 * What its owner is told. One who is not let in, for good or for an hour, sees nothing and starts nothing: of what is to stop,
 * the word of the poller will do then, where it once showed this very job. What it never showed may run all the same.
 */
async function toldAsOwner<Told>(row: SessionRow, ask: () => Promise<Told>, nothing: Told): Promise<Told> {
  try {
    return await ask();
  } catch (error) {
    const shown = cluster(row.cluster).config.poll === "all" && row.native !== null;
    if (shown && row.state === "stopping" && isAccountRefused(error)) return nothing;
    throw error;
  }
}

/** Neither queue nor accounting may know a job any more that has started: its claim in the session's directory stays. */
async function look(row: SessionRow, now: Date): Promise<void> {
  const jobId =
    (await cluster(row.cluster).scheduler.find(row.unixAccount, tagOf(row.id))) ??
    (await readSessionFiles(row, 0)).claim;
  if (!jobId) {
    await commit(row, { looks: row.looks + 1, lastLookAt: now }, null);
    return;
  }
  const state = row.state === "stopping" ? "stopping" : "queued";
  await commit(row, { state, jobId, queuedAt: row.queuedAt ?? now, endWords: null }, "session.adopted");
}

async function submitAgain(row: SessionRow): Promise<void> {
  const changed = await commit(
    row,
    { looks: 0, lastLookAt: null, submitTries: row.submitTries + 1 },
    "session.submit-again",
  );
  if (changed) await submitSession({ kind: "system" }, changed);
}

async function endUnsubmitted(row: SessionRow, now: Date): Promise<void> {
  const stopped = row.stopRequestedAt !== null;
  const endReason = stopped ? "stopped" : "rejected";
  const endDetail = stopped
    ? (row.endDetail ?? "You stopped it before it had a job.")
    : "The cluster could not be asked, several times. Launch it again later.";
  await endWith(row, { endReason, endDetail, endedAt: now });
}

/** The last change of state and what was used, in one transaction. */
export async function endWith(row: SessionRow, patch: SessionPatch, record?: FinishedJob): Promise<void> {
  const written = await transaction(async (tx) => {
    const ended: SessionPatch = { ...patch, state: "ended", secretSealed: null, port: null };
    const changed = await commitIn(tx, row, { patch: ended, event: "session.ended" });
    if (changed) await recordUsage(tx, changed, record);
    return changed;
  });
  if (written) countEnd(written);
}

/** Accounting's record of the job, when accounting answers: exact times and what was used. */
async function recordOf(row: SessionRow): Promise<FinishedJob | undefined> {
  if (!row.jobId) return undefined;
  const query = {
    owner: row.unixAccount,
    ids: [row.jobId],
    tag: tagOf(row.id),
    since: new Date(row.submittedAt.getTime() - 60_000),
  };
  const records = await cluster(row.cluster).scheduler.history(query);
  return records.filter((job) => job.tag === tagOf(row.id) && job.state === "ended").at(-1);
}

/** What accounting says; `silent` when it does not answer: then the queue's word and the job's own are all there is. */
type Account = { record?: FinishedJob; silent: boolean };

async function accountOf(row: SessionRow): Promise<Account> {
  try {
    return { record: await recordOf(row), silent: false };
  } catch (error) {
    if (!isPortalError(error)) throw error;
    return { silent: true };
  }
}

/** The record of this very end: a job that was requeued has records of its earlier runs as well. */
async function accountOfEnd(row: SessionRow, job: Job): Promise<Account> {
  const { record, silent } = await accountOf(row);
  const apart = Math.abs((record?.endedAt?.getTime() ?? 0) - (job.endedAt?.getTime() ?? 0));
  return { record: apart <= recordApartMs ? record : undefined, silent };
}

/** Who cancelled a job, and how it failed, is in accounting alone, which is some seconds behind the queue. */
function worthWaiting(row: SessionRow, job: Job, now: Date): boolean {
  const unexplained = (job.end === "cancelled" || job.end === "failed") && !row.stopRequestedAt && !row.endReason;
  // By the cluster's clock: one that is far ahead of ours would otherwise be waited for until ours is there, too.
  return unexplained && job.endedAt !== null && Math.abs(now.getTime() - job.endedAt.getTime()) < recordWaitMs;
}

/** The job is over: its own account of the end is read, then everything is written in one transaction. */
export async function finish(row: SessionRow, queued: Job, now: Date): Promise<void> {
  const [files, account] = await Promise.all([readSessionFiles(row, 0).catch(() => null), accountOfEnd(row, queued)]);
  const { record, silent } = account;
  if (!record && worthWaiting(row, queued, now)) return;
  const given = { ended: files ? files.ended : undefined, now, startTimeoutSeconds: startTimeoutOf(row), silent };
  const patch = endPatch(row, record ?? queued, given);
  await endWith(row, patch, record);
  killPoint("after-end");
}

/** Nobody can tell how it ended: only what was asked for. */
async function endUntold(row: SessionRow, { endedAt, silent }: { endedAt: Date; silent: boolean }): Promise<void> {
  // Set by next-step when the portal itself decided to end it.
  const endReason = row.stopRequestedAt ? "stopped" : ((row.endReason as EndReason | null) ?? "lost");
  const request = row.request as { minutes: number; memoryGiB: number }; // Stored by createSession from the schema.
  const unknown = { exitCode: null, signal: null, cancelledBy: null, accountingSilent: silent };
  const startTimeoutSeconds = startTimeoutOf(row);
  const sentence = endSentence(endReason, { request, node: row.node, startTimeoutSeconds, ...unknown });
  const endDetail = (endReason === "stopped" && row.endDetail) || sentence;
  await endWith(row, { endReason, endDetail, endedAt });
}

/** Not in the queue: over only with a record, or after long and continuous absence that its owner sees too. */
async function checkAbsence(row: SessionRow, now: Date, waits: StepWaits): Promise<void> {
  const { record, silent } = await accountOf(row);
  if (record) return finish(row, record, now);
  const since = row.absentSince ?? now;
  if ((now.getTime() - since.getTime()) / 1000 < waits.absenceSeconds) {
    await commit(row, { absentSince: since, lastLookAt: now }, null);
    return;
  }
  // Asked as the person: what the poller may not see is not gone. Of the queue alone: accounting keeps calling a job
  // running that the controller has forgotten (sacctmgr(1), "runawayjobs").
  const { jobs } = cluster(row.cluster).scheduler;
  const queue = await toldAsOwner(row, () => jobs({ owner: row.unixAccount }), []);
  if (queue.some((job) => job.tag === tagOf(row.id))) {
    await commit(row, { absentSince: null }, null);
    return;
  }
  const files = await toldAsOwner(row, () => readSessionFiles(row, 0), null);
  const startTimeoutSeconds = startTimeoutOf(row);
  if (files?.ended) return endWith(row, endToldByJob(row, files.ended, { now, silent, startTimeoutSeconds }));
  await endUntold(row, { endedAt: now, silent });
}

/** As the owner. A job that is gone is done; what fails is asked again with the next look at the queue. */
async function cancelJobs(row: SessionRow, jobIds: string[]): Promise<void> {
  const { scheduler } = cluster(row.cluster);
  await Promise.all(jobIds.map((id) => scheduler.control(row.unixAccount, id, { kind: "cancel" })));
}

/** With growing pauses, at last of an hour. What is left after a week is given up: its directory is swept after days. */
async function cleanLater(row: SessionRow, now: Date, waits: StepWaits): Promise<void> {
  if (row.cleanTries >= mostCleanTries) {
    // Scratch alone may be what is missing: what can be read of the log is kept all the same.
    const read = readSessionFiles(row, readBytes);
    const logTail = await read.then(
      ({ log }) => endOfLog(log) || null,
      () => null,
    );
    await commit(row, { cleanedAt: now, cleanTries: 0, nextCleanAt: null, logTail }, "session.not-cleaned");
    return;
  }
  const pause = Math.min(3600, waits.cleanRetrySeconds * 2 ** Math.min(row.cleanTries, 7));
  await commit(row, { cleanTries: row.cleanTries + 1, nextCleanAt: new Date(now.getTime() + pause * 1000) }, null);
}

/** After the end: leftovers removed, the end of the log kept. Repeated with growing pauses until it is done. */
async function clean(row: SessionRow, now: Date, waits: StepWaits): Promise<void> {
  try {
    await removeLeftovers(row);
    const { log } = await readSessionFiles(row, readBytes);
    await commit(row, { cleanedAt: now, logTail: endOfLog(log) }, "session.cleaned");
  } catch (error) {
    await cleanLater(row, now, waits);
    throw error;
  }
}

/** `connection`: what is known of it already, as becomeReady takes it. */
type StepGiven = { now: Date; waits: StepWaits; connection?: ConnectionFile | null };

/** What has just started may have its connection already: it need not wait for the next look. */
async function change(row: SessionRow, step: Step & { do: "change" }, given: StepGiven): Promise<void> {
  const changed = await commit(row, step.patch, step.event);
  if (changed?.state === "starting" && given.connection) await becomeReady(changed, given.connection);
}

/** Whoever alone could say whether there is a job may never be let in again: a stop does not wait for that for ever. */
async function lookUnlessRefused(row: SessionRow, given: StepGiven): Promise<void> {
  try {
    await look(row, given.now);
  } catch (error) {
    const step = unseenStep(row, given.now);
    if (!isAccountRefused(error) || step.do === "nothing") throw error;
    await takeStep(row, step, given);
  }
}

/** Carries out `step`. Throws what the cluster or the database throw: the next tick tries again. */
export async function takeStep(row: SessionRow, step: Step, given: StepGiven): Promise<void> {
  const { now, waits, connection } = given;
  switch (step.do) {
    case "nothing":
      return;
    case "change":
      return change(row, step, given);
    case "look":
      return lookUnlessRefused(row, given);
    case "submit":
      return submitAgain(row);
    case "end-unsubmitted":
      return endUnsubmitted(row, now);
    case "inspect":
      return becomeReady(row, connection);
    case "check-absence":
      return checkAbsence(row, now, waits);
    case "end-unseen":
      return endUntold(row, { endedAt: step.endedAt, silent: false });
    case "cancel":
      return cancelJobs(row, step.jobIds);
    case "finish":
      return finish(row, step.job, now);
    case "clean":
      return clean(row, now, waits);
  }
}
