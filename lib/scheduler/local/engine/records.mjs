// @ts-check
// What the engine keeps on disk, under one state directory:
//   machine.json            what may be handed out, and how to start a supervisor
//   jobs/<id>/job.json      what was asked; changed only under the lock
//   jobs/<id>/supervisor.json, process.json, end.json   written once by the job's supervisor, process.json often
//   done/<id>.json          all of that in one file, from a few minutes after the end
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createJson, hasCode, readJson, writeJson } from "./disk.mjs";
import { isAlive } from "./identity.mjs";

/** @typedef {import("./identity.mjs").Identity} Identity */
/** @typedef {{ cpus: number, memoryMiB: number, supervisorPath: string, cgroupParent: string | null }} Machine */
/**
 * @typedef {object} JobRecord
 * @property {string} owner
 * @property {string} tag
 * @property {string} comment
 * @property {string} partition
 * @property {string} directory absolute
 * @property {string} script name of a file in the directory
 * @property {Record<string, string>} environment all of it
 * @property {number} cpus
 * @property {number} memoryMiB
 * @property {number} limitSeconds from the start
 * @property {string} submittedAt
 * @property {boolean} held
 * @property {{ by: string, at: string } | null} cancel
 * @property {{ process: Identity | null, attempt: number, since?: string } | null} candidate a supervisor on its way to
 *   register; `since`: of the first attempt
 */
/** @typedef {{ process: Identity, startedAt: string }} SupervisorRecord */
/** @typedef {{ main: Identity | null, cgroup: import("./cgroup.mjs").Cgroup | null, memoryBy: string, stopping: string | null }} ProcessRecord */
/** @typedef {"finished" | "failed" | "out-of-memory" | "time-limit" | "node-failed" | "cancelled"} EndKind */
/**
 * @typedef {object} EndRecord
 * @property {EndKind} end
 * @property {string} words why, for people
 * @property {number | null} exitCode
 * @property {number | null} signal
 * @property {string} endedAt
 * @property {number | null} maxMemoryMiB
 * @property {number | null} cpuSeconds
 * @property {string | null} memoryBy what measured the memory
 */
/** @typedef {{ id: string, record: JobRecord, supervisor: SupervisorRecord | null, process: ProcessRecord | null, end: EndRecord | null }} StoredJob */
/** @typedef {"queued" | "held" | "starting" | "running" | "completing" | "ended"} Phase */

/** How long an ended job stays among the live ones, as Slurm's MinJobAge, and how long it is remembered after that. */
const RECENT_MILLISECONDS = 300_000;
const REMEMBERED_MILLISECONDS = 7 * 24 * 3_600_000;

/** @param {string} stateDir @param {string} id @param {string} file */
export const jobFile = (stateDir, id, file) => join(stateDir, "jobs", id, file);

/** @param {string} stateDir */
export function makeState(stateDir) {
  for (const name of ["jobs", "done"])
    mkdirSync(join(/* turbopackIgnore: true */ stateDir, name), { recursive: true, mode: 0o700 });
}

/** @param {string} stateDir @returns {Machine} */
export const readMachine = (stateDir) => readJson(join(stateDir, "machine.json"));

/** @param {string} stateDir @param {Machine} machine */
export function saveMachine(stateDir, machine) {
  const path = join(stateDir, "machine.json");
  if (JSON.stringify(readJson(path)) !== JSON.stringify(machine)) writeJson(path, machine);
}

/**
 * Takes the next id and stores the job under it, in one rename: before it there is no job, after it there is all of it.
 * Needs the lock.
 * @param {string} stateDir
 * @param {JobRecord} record
 * @returns {string} its id
 */
export function addJob(stateDir, record) {
  const draft = mkdtempSync(join(stateDir, "draft-"));
  try {
    writeJson(join(draft, "job.json"), record);
    for (let next = highestId(stateDir) + 1; ; next += 1) {
      try {
        renameSync(draft, join(stateDir, "jobs", String(next)));
        return String(next);
      } catch (error) {
        if (!hasCode(error, "ENOTEMPTY") && !hasCode(error, "EEXIST")) throw error;
      }
    }
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    throw error;
  }
}

/** @param {string} stateDir @param {string} id @returns {StoredJob | null} */
export function loadJob(stateDir, id) {
  // The order matters: a job moves from jobs/ to done/, and its end is written after everything else.
  const end = readJson(jobFile(stateDir, id, "end.json"));
  const [process, supervisor] = ["process.json", "supervisor.json"].map((name) =>
    readJson(jobFile(stateDir, id, name)),
  );
  const record = readJson(jobFile(stateDir, id, "job.json"));
  return record ? { id, record, supervisor, process, end } : readJson(join(stateDir, "done", `${id}.json`));
}

/** @param {string} stateDir @returns {StoredJob[]} live and lately ended ones, in order of arrival */
export function loadJobs(stateDir) {
  return ids(join(stateDir, "jobs")).flatMap((id) => loadJob(stateDir, String(id)) ?? []);
}

/** @param {string} stateDir @returns {string[]} ids of jobs that ended longer ago */
export const doneIds = (stateDir) => ids(join(stateDir, "done")).map(String);

/** @param {StoredJob} job @returns {Phase} */
export function phaseOf({ record, supervisor, process, end }) {
  if (end) return "ended";
  if (record.cancel) return "completing";
  if (supervisor) return process?.stopping ? "completing" : "running";
  if (record.held) return "held";
  return isAlive(record.candidate?.process) ? "starting" : "queued";
}

/**
 * Changes what is asked of a job. Needs the lock.
 * @param {string} stateDir
 * @param {StoredJob} job
 * @param {Partial<JobRecord>} change
 */
export function changeJob(stateDir, job, change) {
  job.record = { ...job.record, ...change };
  writeJson(jobFile(stateDir, job.id, "job.json"), job.record);
}

/**
 * Records how a job ended, once: the first word stands.
 * @param {string} stateDir
 * @param {StoredJob} job
 * @param {Pick<EndRecord, "end" | "words"> & Partial<EndRecord>} end
 */
export function recordEnd(stateDir, job, end) {
  const nothing = { exitCode: null, signal: null, maxMemoryMiB: null, cpuSeconds: null };
  const whole = { ...nothing, memoryBy: job.process?.memoryBy ?? null, endedAt: new Date().toISOString(), ...end };
  createJson(jobFile(stateDir, job.id, "end.json"), whole);
  job.end = whole;
}

/** @param {StoredJob} job @param {number} now milliseconds */
export const isOld = (job, now) => job.end !== null && now - Date.parse(job.end.endedAt) > RECENT_MILLISECONDS;

/**
 * Puts away jobs that ended a while ago and forgets those of last week. Needs the lock.
 * @param {string} stateDir
 * @param {StoredJob[]} jobs
 * @param {number} now milliseconds
 */
export function putAway(stateDir, jobs, now) {
  // Half-made and half-removed ones of processes that were killed: whoever works on one holds the lock, and that is us.
  const drafts = readdirSync(stateDir).filter((name) => name.startsWith("draft-"));
  for (const name of drafts) rmSync(join(stateDir, name), { recursive: true, force: true });
  const old = jobs.filter((job) => isOld(job, now));
  for (const job of old) {
    writeJson(join(stateDir, "done", `${job.id}.json`), job);
    // Gone in one step: a reader must never see a part of it and take an ended job for a waiting one.
    const leaving = join(stateDir, `draft-left-${job.id}`);
    renameSync(join(stateDir, "jobs", job.id), leaving);
    rmSync(leaving, { recursive: true, force: true });
  }
  if (old.length > 0) forget(stateDir, now);
}

/** @param {string} stateDir @param {number} now milliseconds */
function forget(stateDir, now) {
  // The highest id stays on disk whatever its age, because the next one is counted from it.
  const highest = highestId(stateDir);
  for (const id of ids(join(stateDir, "done")).filter((it) => it !== highest)) {
    const path = join(stateDir, "done", `${id}.json`);
    const endedAt = Date.parse(readJson(path)?.end?.endedAt ?? 0);
    if (now - endedAt <= REMEMBERED_MILLISECONDS) return; // ids grow with time: what follows is younger, or nearly so
    rmSync(path, { force: true });
  }
}

/** @param {string} stateDir */
const highestId = (stateDir) =>
  Math.max(0, ...["jobs", "done"].map((name) => ids(join(/* turbopackIgnore: true */ stateDir, name)).at(-1) ?? 0));

/** @param {string} directory @returns {number[]} ascending */
function ids(directory) {
  const names = readdirSync(directory).map((name) => /^([1-9][0-9]*)(\.json)?$/.exec(name)?.[1]);
  return names.flatMap((name) => (name ? [Number(name)] : [])).sort((a, b) => a - b);
}
