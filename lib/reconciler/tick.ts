// One look at one cluster: one question to the scheduler, then one step for each session that needs one.
import { readSnapshot, type Snapshot, writeSnapshot } from "@/lib/clusters/store";
import { clusterConfig, config } from "@/lib/config";
import { db, notify, transaction } from "@/lib/db";
import { isAccountRefused, isPortalError } from "@/lib/errors";
import { log } from "@/lib/log";
import { type Asked, askJobs } from "@/lib/reconciler/ask-jobs";
import { byTag, chooseJob, type JobsByTag } from "@/lib/reconciler/choose-job";
import { nextStep, type Step, unseenStep } from "@/lib/reconciler/next-step";
import { reopenLate } from "@/lib/reconciler/reopen-late";
import { type LeftAlone, sweepOrphans } from "@/lib/reconciler/sweep-orphans";
import { startTimeoutOf, takeStep } from "@/lib/reconciler/take-step";
import { type Watches, watched, watchStarts } from "@/lib/reconciler/watch-starts";
import { forgetAbsences, openSessions, type SessionRow } from "@/lib/sessions/store";
import { isBeingSubmitted } from "@/lib/sessions/submit-session";

/** What a reconciler of one cluster keeps between ticks. Losing it loses nothing. */
export type TickMemory = {
  /** Aborts when this process is no longer the one that looks. */
  signal: AbortSignal;
  /** Sessions whose step is under way, so that a slow one holds up nobody else. */
  working: Map<string, Promise<void>>;
  /** Sessions whose steps fail, and when to try again: an account that is gone is not asked every second. */
  troubled: Map<string, { times: number; untilMs: number; sinceMs: number }>;
  failedSince: Date | null;
  /** When it was last looked with success, and since when that went without a long break. */
  lookedAt: Date;
  lookingSince: Date;
  /** Until when these sessions' own people could not be asked. */
  unseenUntil: Map<string, Date>;
  answerWrittenAt: number;
  /** When the scheduler was last asked, and which jobs without a row are left alone. */
  askedAt: number;
  leftAlone: LeftAlone;
  watches: Watches;
  /** Has the next look done at once. */
  wake: () => void;
  /** Sessions that had a job running at the last look; null before the first, which comes with facts of its own. */
  running: string | null;
  /** Called when these are others: what is free on the cluster is other than was last heard, too. */
  onUse: () => void;
};

export const newMemory = (signal: AbortSignal = new AbortController().signal): TickMemory => ({
  signal,
  working: new Map(),
  troubled: new Map(),
  failedSince: null,
  lookedAt: new Date(),
  lookingSince: new Date(),
  unseenUntil: new Map(),
  answerWrittenAt: Number.NEGATIVE_INFINITY,
  askedAt: Number.NEGATIVE_INFINITY,
  leftAlone: new Map(),
  watches: new Map(),
  wake: () => {},
  running: null,
  onUse: () => {},
});

/** Without a session there may still be a job that came too late, or that a restored backup forgot: looked for this often. */
const sweepMs = 60_000;
/** A break between two looks that is longer than this is time in which nobody could be asked. */
const breakMs = 60_000;
/** For how long a session's own trouble (a home that hangs) counts as that, too; what lasts longer is no outage. */
const graceMs = 900_000;
/** Its name among what is under way; no session has such an id. */
const sweep = "sweep";

async function noteAnswer(name: string, memory: TickMemory, change: Partial<Snapshot>): Promise<void> {
  const wasDown = memory.failedSince !== null;
  memory.failedSince = change.failedSince ?? null;
  const first = memory.answerWrittenAt === Number.NEGATIVE_INFINITY;
  const turned = first || wasDown !== (memory.failedSince !== null);
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
  if (!isPortalError(error)) log().error({ err: error, cluster: name }, "reconciler.asking-failed");
  // Known from before a restart, or from the facts: since when is not since this process looks.
  const since = memory.failedSince ?? (await readSnapshot(db(), name)).failedSince ?? new Date();
  await noteAnswer(name, memory, { failedSince: since, error: words });
  await forgetAbsences(db(), name);
}

type Trouble = { memory: TickMemory; error: unknown; busyPollSeconds: number };

/** 1, 2, 4 ... 60 seconds. */
function noteTrouble(row: SessionRow, step: string, { memory, error, busyPollSeconds }: Trouble): void {
  const { times: before, sinceMs } = memory.troubled.get(row.id) ?? { times: 0, sinceMs: performance.now() };
  const times = before + 1;
  const seconds = Math.min(60, busyPollSeconds * 2 ** Math.min(times, 6));
  memory.troubled.set(row.id, { times, untilMs: performance.now() + seconds * 1000, sinceMs });
  if (performance.now() - sinceMs < graceMs) memory.unseenUntil.set(row.id, new Date());
  log().warn({ err: error, session: row.id, step, times }, "reconciler.step-failed");
}

function noteLook(memory: TickMemory, now: Date): void {
  const longest = Math.max(breakMs, 2000 * config().waits.quietPollSeconds);
  if (now.getTime() - memory.lookedAt.getTime() > longest) memory.lookingSince = now;
  memory.lookedAt = now;
}

const latest = (a: Date, b: Date | undefined): Date => (b && b > a ? b : a);

/** `jobs`: null when nobody could be asked, as the row's person is not let in. */
function stepOf(row: SessionRow, jobs: JobsByTag | null, given: { now: Date; lookingSince: Date }): Step {
  if (!jobs) return unseenStep(row, given.now);
  const { job, surplus } = chooseJob(row, jobs);
  if (surplus.length > 0) return { do: "cancel", jobIds: surplus };
  const waits = { ...config().waits, startTimeoutSeconds: startTimeoutOf(row) };
  return nextStep(row, job, { ...given, waits });
}

function dispatch(row: SessionRow, jobs: JobsByTag | null, memory: TickMemory): void {
  if (memory.working.has(row.id) || isBeingSubmitted(row.id)) return;
  if ((memory.troubled.get(row.id)?.untilMs ?? 0) > performance.now()) return;
  const now = new Date();
  const { waits } = config();
  const lookingSince = latest(memory.lookingSince, memory.unseenUntil.get(row.id));
  const step = stepOf(row, jobs, { now, lookingSince });
  if (step.do === "nothing") return;
  const work = takeStep(row, step, { now, waits, connection: watched(memory.watches, row.id) })
    .then(() => void memory.troubled.delete(row.id))
    .catch((error: unknown) => noteTrouble(row, step.do, { memory, error, busyPollSeconds: waits.busyPollSeconds }))
    .finally(() => memory.working.delete(row.id));
  memory.working.set(row.id, work);
}

/** Until the session's time is over; what should be over long ago, as a suspended job's, is in no hurry. */
function secondsLeft({ endsAt }: SessionRow, now: Date): number {
  const seconds = endsAt ? (endsAt.getTime() - now.getTime()) / 1000 : Number.POSITIVE_INFINITY;
  return seconds > -60 ? seconds : Number.POSITIVE_INFINITY;
}

/** How soon the next look is due, in seconds: often while something is about to happen. */
export function nextLookSeconds(
  rows: SessionRow[],
  now: Date,
  waits: { busyPollSeconds: number; quietPollSeconds: number },
): number {
  const due = rows.map((row) => {
    // Whose time is over soon is looked at then: nobody should go on with an app that has ended.
    if (row.state === "ready")
      return row.absentSince ? waits.busyPollSeconds : Math.max(waits.busyPollSeconds, secondsLeft(row, now));
    if (row.state === "ended")
      return row.nextCleanAt && row.nextCleanAt > now ? waits.quietPollSeconds : waits.busyPollSeconds;
    if (row.state !== "queued") return waits.busyPollSeconds;
    // What has waited long is unlikely to start this very second.
    const waited = row.queuedAt ? (now.getTime() - row.queuedAt.getTime()) / 1000 : 0;
    return Math.min(waits.quietPollSeconds, Math.max(waits.busyPollSeconds, waited / 60));
  });
  return Math.min(waits.quietPollSeconds, ...due);
}

type Seen = { silent: Asked["silent"]; jobs: JobsByTag; memory: TickMemory };

function dispatchAll(rows: SessionRow[], { silent, jobs, memory }: Seen): void {
  const open = new Set(rows.map((row) => row.id));
  for (const known of [memory.troubled, memory.unseenUntil]) {
    for (const id of known.keys()) if (!open.has(id)) known.delete(id);
  }
  const seen = rows.filter((row) => !silent.has(row.unixAccount));
  for (const row of seen) dispatch(row, jobs, memory);
  for (const row of rows) if (isAccountRefused(silent.get(row.unixAccount))) dispatch(row, null, memory);
  watch(seen, memory);
}

function watch(rows: SessionRow[], memory: TickMemory): void {
  const { startWatchSeconds: seconds } = config().waits;
  watchStarts(rows, { watches: memory.watches, seconds, now: new Date(), wake: memory.wake });
}

/** Waits for what is about to start, without a look at the queue. */
export async function beginWatches(name: string, memory: TickMemory, signal: AbortSignal): Promise<void> {
  const rows = await openSessions(db(), name);
  if (!signal.aborted) watch(rows, memory);
}

const isRunning = ({ state }: SessionRow): boolean => state === "starting" || state === "ready" || state === "stopping";

function noteUse(rows: SessionRow[], memory: TickMemory): void {
  const running = rows
    .filter(isRunning)
    .map(({ id }) => id)
    .toSorted()
    .join(" ");
  if (memory.running !== null && running !== memory.running) memory.onUse();
  memory.running = running;
}

/** Worth asking without an open session: not too often, and not where only people's own jobs are shown. */
const mayShowLate = (name: string, { askedAt }: TickMemory): boolean =>
  clusterConfig(name).poll === "all" && performance.now() - askedAt > sweepMs;

/** One sweep at a time, beside the sessions' own steps: it may wait for many people's homes. */
async function lookForStrays(name: string, open: SessionRow[], seen: { jobs: JobsByTag; memory: TickMemory }) {
  const { working, leftAlone, signal } = seen.memory;
  if (working.has(sweep)) return;
  const orphans = await reopenLate({ cluster: name, open, jobs: seen.jobs, leftAlone });
  if (orphans.length === 0) return;
  const sweeping = sweepOrphans(orphans, leftAlone, signal).finally(() => working.delete(sweep));
  working.set(sweep, sweeping);
}

/** Of people who could not be asked nothing is known; their absences are not continuous either. */
async function noteUnseen(name: string, unseen: SessionRow[], memory: TickMemory): Promise<void> {
  if (unseen.length === 0) return;
  for (const row of unseen) memory.unseenUntil.set(row.id, new Date());
  await forgetAbsences(
    db(),
    name,
    unseen.map((row) => row.unixAccount),
  );
}

type Look = { name: string; rows: SessionRow[]; memory: TickMemory };

/** What an answer leads to. Returns after how many seconds to look again. */
async function act({ name, rows, memory }: Look, { jobs, silent }: Asked): Promise<number> {
  const unseen = rows.filter((row) => silent.has(row.unixAccount));
  // Where nobody was let in, the scheduler was not asked: nothing is known of it.
  if (rows.length === 0 || unseen.length < rows.length) {
    noteLook(memory, new Date());
    await noteAnswer(name, memory, { answeredAt: new Date(), failedSince: null, error: null });
  }
  await noteUnseen(name, unseen, memory);
  const tagged = byTag(jobs);
  dispatchAll(rows, { silent, jobs: tagged, memory });
  await lookForStrays(name, rows, { jobs: tagged, memory });
  const { waits } = config();
  // What fails again and again is no reason to ask every second, and who is not let in none at all.
  const hopeful = rows.filter(
    (row) => (memory.troubled.get(row.id)?.times ?? 0) < 4 && !isAccountRefused(silent.get(row.unixAccount)),
  );
  const seconds = nextLookSeconds(hopeful, new Date(), waits);
  const over = hopeful.some((row) => row.state !== "ended" && chooseJob(row, tagged).job?.state === "ended");
  // What is known to be over waits for accounting's word, for seconds: until it is written down it looks alive to everybody.
  return over ? Math.min(seconds, waits.busyPollSeconds) : seconds;
}

/** Looks once. Returns after how many seconds to look again. Throws what the database throws: that is no word on the scheduler. */
export async function tick(name: string, memory: TickMemory): Promise<number> {
  const { waits } = config();
  const rows = await openSessions(db(), name);
  noteUse(rows, memory);
  if (rows.length === 0 && !mayShowLate(name, memory)) return waits.quietPollSeconds;
  memory.askedAt = performance.now();
  let asked: Asked;
  try {
    asked = await askJobs(name, rows);
  } catch (error) {
    await noteSilence(name, memory, error);
    // A scheduler in trouble is not helped by being asked more often.
    return Math.min(waits.quietPollSeconds, waits.busyPollSeconds * 5);
  }
  return act({ name, rows, memory }, asked);
}
