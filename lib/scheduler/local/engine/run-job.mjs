// @ts-check
// Runs one job from its start to its last process, and says how it ended. Used by the supervisor alone.
import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { cgroupPids, discardCgroup, makeCgroup, removeCgroup } from "./cgroup.mjs";
import { readJson, readText, writeJson } from "./disk.mjs";
import { identify, TICKS_PER_SECOND } from "./identity.mjs";
import { followMembers } from "./members.mjs";
import { memoryMeter } from "./meter.mjs";
import { jobFile, readMachine } from "./records.mjs";

/** @typedef {import("./records.mjs").StoredJob} StoredJob */
/** @typedef {import("./records.mjs").EndRecord} EndRecord */
/** @typedef {import("./records.mjs").ProcessRecord} ProcessRecord */
/** @typedef {{ code: number | null, signal: NodeJS.Signals | null, error?: Error }} Exit */
/** @typedef {{ end: import("./records.mjs").EndKind, words: string, graceSeconds: number }} Verdict */
/** @typedef {{ sleep: (milliseconds: number) => Promise<void>, endAsked: () => boolean }} Alarm */

const LOOK_MILLISECONDS = 1000;
const GRACE_SECONDS = 5;

// $1 is the cgroup to enter, if any. The kernel should rather kill a job than its supervisor or the portal.
const ENTER =
  '[ -z "$1" ] || echo $$ >"$1" || exit 125; { echo 500 >/proc/self/oom_score_adj; } 2>/dev/null; shift; exec "$@"';

/**
 * @param {{ stateDir: string, job: StoredJob, alarm: Alarm }} input
 * @returns {Promise<Pick<EndRecord, "end" | "words"> & Partial<EndRecord>>}
 */
export async function runJob({ stateDir, job, alarm }) {
  const running = begin(stateDir, job);
  const verdict = await watch(running, { stateDir, job, alarm }).catch(broken);
  running.note({ stopping: verdict.end });
  const left = await stop(running, verdict.graceSeconds);
  const exit = running.exit() ?? { code: null, signal: null };
  await discardCgroup(running.cgroup);
  return {
    end: verdict.end,
    words: left === 0 ? verdict.words : `${verdict.words}; ${left} of its processes could not be killed`,
    exitCode: exit.code,
    signal: exit.signal ? constants.signals[exit.signal] : null,
    maxMemoryMiB: running.meter.maxMiB(),
    cpuSeconds: Math.round(Math.max(running.members.cpuTicks(), waitedTicks()) / TICKS_PER_SECOND),
    memoryBy: running.meter.name,
  };
}

/**
 * @param {string} stateDir
 * @param {StoredJob} job
 */
function begin(stateDir, job) {
  const { directory, memoryMiB } = job.record;
  const parent = readMachine(stateDir).cgroupParent;
  const name = `berth-local-${process.pid}-${job.id}`;
  const note = noteTaker(stateDir, job.id);
  note({ cgroup: null, main: null, stopping: null });
  // Before it is made: whoever has to clean up after us must know of it.
  const cgroup = makeCgroup({ name, memoryMiB, parent }, (announced) => note({ cgroup: announced }));
  const meter = memoryMeter({ cgroup, limitMiB: memoryMiB });
  const members = followMembers({ directory, cgroupPids: () => cgroupPids(cgroup) });
  note({ cgroup, memoryBy: meter.name });
  try {
    const { pid, exited, exit } = spawnScript(job, cgroup ? join(cgroup.path, "cgroup.procs") : "");
    const main = pid ? identify(pid) : null;
    members.setMain(main);
    // From here on the job runs, and a full disk must not end it: without these notes its marker still finds it.
    const noteIfPossible = (/** @type {Partial<ProcessRecord>} */ change) => {
      try {
        note(change);
      } catch (error) {
        console.error(error);
      }
    };
    noteIfPossible({ main });
    return { cgroup, meter, members, note: noteIfPossible, exited, exit };
  } catch (error) {
    removeCgroup(cgroup);
    throw error;
  }
}

/** @param {Error} error @returns {Verdict} */
const broken = (error) => ({ end: "node-failed", words: `its supervisor failed: ${error.message}`, graceSeconds: 0 });

/**
 * @param {StoredJob} job
 * @param {string} enterFile
 */
function spawnScript({ id, record }, enterFile) {
  const { directory, script } = record;
  const log = openSync(join(directory, "log"), "a", 0o600);
  const argv = ["-c", ENTER, "sh", enterFile, "bash", join(directory, script)];
  // A cast because Next's types make NODE_ENV part of every environment, and this one is exactly the job's.
  const env = /** @type {NodeJS.ProcessEnv} */ (/** @type {unknown} */ ({ ...record.environment, BERTH_JOB_ID: id }));
  const child = spawn("/bin/sh", argv, { cwd: directory, env, detached: true, stdio: ["ignore", log, log] });
  closeSync(log);
  /** @type {Exit | null} */
  let exit = null;
  const exited = new Promise((resolve) => {
    const ended = (/** @type {Exit} */ how) => {
      exit = how;
      resolve(how);
    };
    child.on("error", (error) => ended({ code: null, signal: null, error }));
    child.on("exit", (code, signal) => ended({ code, signal }));
  });
  return { pid: child.pid, exited, exit: () => exit };
}

/**
 * Looks at the job each second, and at once when something wakes us, until there is a reason to end it.
 * @param {ReturnType<typeof begin>} running
 * @param {{ stateDir: string, job: StoredJob, alarm: Alarm }} input
 * @returns {Promise<Verdict>}
 */
async function watch(running, { stateDir, job, alarm }) {
  const startedAt = performance.now();
  for (;;) {
    const record = readJson(jobFile(stateDir, job.id, "job.json")) ?? job.record;
    const leftMilliseconds = startedAt + record.limitSeconds * 1000 - performance.now();
    const exit = running.exit();
    if (running.meter.exceeded(running.members.look())) {
      return {
        end: "out-of-memory",
        words: `used more than ${record.memoryMiB} MiB (${running.meter.name})`,
        graceSeconds: 0,
      };
    }
    if (exit) return naturalEnd(exit);
    if (record.cancel)
      return { end: "cancelled", words: `cancelled by ${record.cancel.by}`, graceSeconds: GRACE_SECONDS };
    if (leftMilliseconds <= 0)
      return { end: "time-limit", words: "reached its time limit", graceSeconds: GRACE_SECONDS };
    if (alarm.endAsked()) {
      const words = "its supervisor was told to end (SIGTERM), as when a machine shuts down";
      return { end: "node-failed", words, graceSeconds: GRACE_SECONDS };
    }
    await Promise.race([running.exited, alarm.sleep(Math.min(LOOK_MILLISECONDS, leftMilliseconds))]);
  }
}

/**
 * What the script left running in the background ends with it, as under a real scheduler.
 * @param {Exit} exit
 * @returns {Verdict}
 */
function naturalEnd({ code, signal, error }) {
  if (code === 0) return { end: "finished", words: "", graceSeconds: 0 };
  const words = error ? `could not be started: ${error.message}` : signal ? `killed by ${signal}` : `exit code ${code}`;
  return { end: "failed", words, graceSeconds: 0 };
}

/**
 * Ends every process of the job: TERM first where there is grace, then KILL until none is left.
 * @param {ReturnType<typeof begin>} running
 * @param {number} graceSeconds
 * @returns {Promise<number>} how many would not end
 */
async function stop({ members, exited, exit }, graceSeconds) {
  const killAt = performance.now() + graceSeconds * 1000;
  const giveUpAt = killAt + 30_000;
  if (graceSeconds > 0) {
    members.signal("SIGTERM");
    members.signal("SIGCONT"); // a stopped process would not notice
  }
  let left = 0;
  do {
    left = performance.now() < killAt ? members.look().length : members.signal("SIGKILL");
    if (left > 0) await delay(50);
  } while (left > 0 && performance.now() < giveUpAt);
  if (!exit()) await Promise.race([exited, delay(1000)]);
  return left;
}

/**
 * @param {string} stateDir
 * @param {string} id
 */
function noteTaker(stateDir, id) {
  let noted = {};
  return (/** @type {Partial<ProcessRecord>} */ change) => {
    noted = { ...noted, ...change };
    writeJson(jobFile(stateDir, id, "process.json"), noted);
  };
}

/** CPU ticks of our ended children and theirs: cutime and cstime, fields 16 and 17 of proc_pid_stat(5). */
function waitedTicks() {
  const text = readText("/proc/self/stat") ?? "";
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return Number(fields[13] ?? 0) + Number(fields[14] ?? 0);
}
