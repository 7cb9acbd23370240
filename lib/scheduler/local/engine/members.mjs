// @ts-check
// Every process that belongs to one job, also those that left its process group and session. Linux gives an ordinary
// program no single sure way, so several are put together; only a cgroup is complete (see LIMITS in ../local.ts).
import { readText } from "./disk.mjs";
import { bootId, isAlive, listProcesses, signalProcess } from "./identity.mjs";

/** @typedef {import("./identity.mjs").Identity} Identity */
/** @typedef {import("./identity.mjs").ProcessStat} ProcessStat */

/**
 * Follows the processes of a job: the main one, its session, whatever carries its BERTH_JOB_DIR in its initial
 * environment, whatever its cgroup holds, all their descendants, and everything that was any of these before.
 * @param {{ directory: string, cgroupPids: () => number[] }} job
 */
export function followMembers({ directory, cgroupPids }) {
  /** @type {Map<string, number>} CPU ticks of every member that lived at the last look, by key */
  let known = new Map();
  let ticksOfEnded = 0;
  /** @type {Map<string, boolean>} */
  let marked = new Map();
  /** @type {Identity | null} */
  let main = null;
  const marker = `BERTH_JOB_DIR=${directory}`;

  /** @param {ProcessStat[]} processes */
  function readMarkers(processes) {
    // The initial environment of a process changes only by exec, so one reading each is enough.
    marked = new Map(processes.map((it) => [keyOf(it), marked.get(keyOf(it)) ?? carries(it.pid, marker)]));
  }

  function look() {
    const processes = listProcesses();
    readMarkers(processes);
    const inGroup = new Set(cgroupPids());
    // The session counts only while its leader lives: afterwards its number may come to mean another session.
    const session = main && isAlive(main) ? main.pid : null;
    const isRoot = (/** @type {ProcessStat} */ it) =>
      known.has(keyOf(it)) || marked.get(keyOf(it)) || inGroup.has(it.pid) || it.session === session;
    const members = withDescendants(processes, isRoot).filter((it) => it.pid !== process.pid);
    const now = new Map(members.map((it) => [keyOf(it), it.cpuTicks]));
    for (const [key, ticks] of known) if (!now.has(key)) ticksOfEnded += ticks;
    known = now;
    return members;
  }

  return {
    /** @param {Identity | null} identity the process whose session is the job's */
    setMain(identity) {
      main = identity;
      if (identity) known.set(`${identity.pid} ${identity.startTicks}`, 0);
    },
    look,
    /**
     * Signals every member that lives.
     * @param {NodeJS.Signals} signal
     * @returns {number} how many there were
     */
    signal(signal) {
      const boot = bootId();
      const members = look();
      for (const { pid, startTicks } of members) signalProcess({ pid, startTicks, bootId: boot }, signal);
      return members.length;
    },
    /** Ticks used by all processes seen, as of the last look at each. */
    cpuTicks: () => [...known.values()].reduce((sum, ticks) => sum + ticks, ticksOfEnded),
  };
}

/** @param {ProcessStat} it */
const keyOf = (it) => `${it.pid} ${it.startTicks}`;

/**
 * @param {number} pid
 * @param {string} marker
 */
function carries(pid, marker) {
  const environment = readText(`/proc/${pid}/environ`);
  return environment !== null && `\0${environment}`.includes(`\0${marker}\0`);
}

/**
 * @param {ProcessStat[]} processes
 * @param {(it: ProcessStat) => boolean | undefined} isRoot
 */
function withDescendants(processes, isRoot) {
  const pids = new Set(processes.filter(isRoot).map((it) => it.pid));
  for (let before = -1; before !== pids.size; ) {
    before = pids.size;
    for (const it of processes) if (pids.has(it.parent)) pids.add(it.pid);
  }
  return processes.filter((it) => pids.has(it.pid));
}
