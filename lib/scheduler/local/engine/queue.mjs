// @ts-check
// The queue's one routine: end what has lost its supervisor, put away what is old, start what may start. Whoever has a
// reason to look runs it, the portal at each question and each supervisor at its end, so no daemon is needed.
import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync, writeSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { cgroupPids, discardCgroup } from "./cgroup.mjs";
import { createJson, readText } from "./disk.mjs";
import { bootId, identify, isAlive } from "./identity.mjs";
import { withLock } from "./lock.mjs";
import { followMembers } from "./members.mjs";
import { planStarts } from "./plan.mjs";
import { changeJob, isOld, jobFile, loadJobs, phaseOf, putAway, readMachine, recordEnd } from "./records.mjs";

/** @typedef {import("./records.mjs").StoredJob} StoredJob */
/** @typedef {import("./records.mjs").Machine} Machine */

const ATTEMPTS = 3;
/** For so long no process may come to be, because there are too many, say, before a job that waits for one is given up. */
const UNSTARTED_MILLISECONDS = 60_000;

/** @type {Record<string, string>} all that a supervisor gets: the caller's own may hold secrets, or a NODE_OPTIONS */
const SUPERVISOR_ENVIRONMENT = { PATH: "/usr/bin:/bin" };

/**
 * When each waiting job will start at the latest, by id; not later than `now` for those that may start.
 * @param {StoredJob[]} jobs
 * @param {{ cpus: number, memoryMiB: number }} capacity
 * @param {number} now milliseconds
 */
export function forecast(jobs, capacity, now) {
  const busy = jobs.filter(takesRoom).map((job) => {
    const startedAt = job.supervisor ? Date.parse(job.supervisor.startedAt) : now;
    return { ...sizeOf(job), endsAt: startedAt + job.record.limitSeconds * 1000 };
  });
  const queued = jobs.filter((job) => phaseOf(job) === "queued");
  const waiting = queued.map((job) => ({
    ...sizeOf(job),
    id: job.id,
    limitMilliseconds: job.record.limitSeconds * 1000,
  }));
  return planStarts({ capacity, busy, waiting, now });
}

/**
 * Whether running the queue would change anything.
 * @param {StoredJob[]} jobs
 * @param {{ cpus: number, memoryMiB: number }} capacity
 */
export function needsRun(jobs, capacity) {
  const now = Date.now();
  const startable = [...forecast(jobs, capacity, now).values()].some((startsAt) => startsAt <= now);
  return startable || jobs.some((job) => hasLostSupervisor(job) || isCancelledUnstarted(job) || isOld(job, now));
}

/**
 * Runs the queue once, under the lock.
 * @param {string} stateDir
 */
export function runQueue(stateDir) {
  return withLock(stateDir, () => runQueueLocked(stateDir));
}

/** @param {string} stateDir for callers that hold the lock */
export async function runQueueLocked(stateDir) {
  const machine = readMachine(stateDir);
  const jobs = loadJobs(stateDir);
  for (const job of jobs.filter(hasLostSupervisor)) await endLost(stateDir, job);
  for (const job of jobs.filter(isCancelledUnstarted))
    recordEnd(stateDir, job, { end: "cancelled", words: cancelWords(job) });
  putAway(stateDir, jobs, Date.now());
  // While a new version is installed, neither is there for a moment.
  if (!existsSync(machine.supervisorPath) || !existsSync(process.execPath)) return;
  const now = Date.now();
  const starts = forecast(jobs, machine, now);
  for (const job of jobs) {
    if ((starts.get(job.id) ?? Number.POSITIVE_INFINITY) <= now) launch(stateDir, job, machine);
  }
}

/**
 * Makes this process the supervisor of a job, if the job still waits and there is room. Needs the lock. The check is
 * made here and not only by whoever launched us, because a launcher may die before it could write down that it did.
 * @param {string} stateDir
 * @param {string} id
 * @returns {StoredJob | null} null: there is nothing to supervise
 */
export function register(stateDir, id) {
  const jobs = loadJobs(stateDir);
  const job = jobs.find((it) => it.id === id);
  if (!job || job.end || job.supervisor || job.record.cancel) return null;
  const others = jobs.filter((it) => it.id !== id && takesRoom(it)).map(sizeOf);
  const machine = readMachine(stateDir);
  const sum = (/** @type {"cpus" | "memoryMiB"} */ what) =>
    others.reduce((all, it) => all + it[what], job.record[what]);
  if (job.record.held || sum("cpus") > machine.cpus || sum("memoryMiB") > machine.memoryMiB) {
    changeJob(stateDir, job, { candidate: null });
    return null;
  }
  const self = identify(process.pid);
  if (!self) throw new Error("/proc is not readable");
  job.supervisor = { process: self, startedAt: new Date().toISOString() };
  return createJson(jobFile(stateDir, id, "supervisor.json"), job.supervisor) ? job : null;
}

/** @param {StoredJob} job */
const takesRoom = (job) => ["starting", "running", "completing"].includes(phaseOf(job));

/** @param {StoredJob} job */
const sizeOf = ({ record: { cpus, memoryMiB } }) => ({ cpus, memoryMiB });

/** @param {StoredJob} job */
const hasLostSupervisor = (job) => job.end === null && job.supervisor !== null && !isAlive(job.supervisor.process);

/** @param {StoredJob} job */
const isCancelledUnstarted = (job) => job.end === null && job.supervisor === null && job.record.cancel !== null;

/** @param {StoredJob} job */
const cancelWords = (job) => `cancelled by ${job.record.cancel?.by}`;

/**
 * @param {string} stateDir
 * @param {StoredJob} job
 * @param {Machine} machine
 */
function launch(stateDir, job, machine) {
  const { candidate } = job.record;
  const attempt = (candidate?.attempt ?? 0) + 1;
  const since = candidate?.since ?? new Date().toISOString();
  const logPath = jobFile(stateDir, job.id, "supervisor.log");
  const isOver = candidate?.process || Date.now() - Date.parse(since) > UNSTARTED_MILLISECONDS;
  if (attempt > ATTEMPTS && isOver) {
    const words = `its supervisor could not be started: ${(readText(logPath) ?? "").trim().slice(-500) || "no reason given"}`;
    return recordEnd(stateDir, job, { end: "node-failed", words });
  }
  const log = openSync(logPath, "a", 0o600);
  const failed = (/** @type {unknown} */ error) => void writeSync(log, `${error}\n`);
  const argv = ["--max-old-space-size=64", machine.supervisorPath, stateDir, job.id];
  const pid = startDetached(argv, log, failed);
  // Counted also without a process: what could not be started, or has ended by now, would be tried for ever.
  changeJob(stateDir, job, { candidate: { process: pid ? identify(pid) : null, attempt, since } });
}

/**
 * Starts this Node as a process of its own that writes to `log`, which is closed here.
 * @param {string[]} argv
 * @param {number} log
 * @param {(error: unknown) => void} failed
 * @returns {number | undefined} its pid; none when there is no such process
 */
function startDetached(argv, log, failed) {
  // A cast because Next's types make NODE_ENV part of every environment.
  const env = /** @type {NodeJS.ProcessEnv} */ (SUPERVISOR_ENVIRONMENT);
  try {
    const child = spawn(process.execPath, argv, { detached: true, cwd: "/", env, stdio: ["ignore", "ignore", log] });
    child.on("error", () => undefined);
    child.unref();
    // Node tells why only later, when this process may have ended.
    if (!child.pid) failed(`${process.execPath} could not be started`);
    return child.pid;
  } catch (error) {
    failed(error);
  } finally {
    closeSync(log);
  }
}

/**
 * Ends a job whose supervisor is gone, after killing what the job left running.
 * @param {string} stateDir
 * @param {StoredJob} job
 */
async function endLost(stateDir, job) {
  const restarted = job.supervisor?.process.bootId !== bootId();
  if (!restarted && !(await killLeftovers(job))) return; // some will not die yet: the next run tries again
  await discardCgroup(job.process?.cgroup ?? null);
  if (job.record.cancel) return recordEnd(stateDir, job, { end: "cancelled", words: cancelWords(job) });
  const words = restarted
    ? "the machine was restarted while the job ran"
    : `its supervisor (process ${job.supervisor?.process.pid}) died; what the job left running was killed`;
  recordEnd(stateDir, job, { end: "node-failed", words });
}

/** @param {StoredJob} job @returns {Promise<boolean>} whether none is left */
async function killLeftovers(job) {
  const cgroup = job.process?.cgroup ?? null;
  const members = followMembers({ directory: job.record.directory, cgroupPids: () => cgroupPids(cgroup) });
  members.setMain(job.process?.main ?? null);
  for (let look = 0; look < 40; look += 1) {
    if (members.signal("SIGKILL") === 0) return true;
    await delay(50);
  }
  return false;
}
