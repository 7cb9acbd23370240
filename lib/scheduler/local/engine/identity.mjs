// @ts-check
// Which process is which. A process is named by pid, start time and boot: the kernel reuses pids, never all three.
// Fields of /proc/<pid>/stat are numbered as in proc_pid_stat(5).
import { readdirSync } from "node:fs";
import { readText } from "./disk.mjs";

/** @typedef {{ pid: number, startTicks: string, bootId: string }} Identity */
/** @typedef {{ pid: number, startTicks: string, state: string, parent: number, session: number, cpuTicks: number, residentPages: number }} ProcessStat */

/** Ticks per second of the times in stat: USER_HZ, 100 on every Linux that Node runs on. */
export const TICKS_PER_SECOND = 100;

/** @returns {string} a name for the time since the machine was last started */
export const bootId = () => (readText("/proc/sys/kernel/random/boot_id") ?? "").trim();

/**
 * One process now, or null when there is none. A zombie is reported with state "Z".
 * @param {number} pid
 * @returns {ProcessStat | null}
 */
function processStat(pid) {
  const text = readText(`/proc/${pid}/stat`);
  if (!text) return null;
  // Field 2 is the program's name in parentheses and may itself hold spaces and parentheses.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const field = (/** @type {number} */ number) => fields[number - 3] ?? "";
  return {
    pid,
    state: field(3),
    parent: Number(field(4)),
    session: Number(field(6)),
    cpuTicks: Number(field(14)) + Number(field(15)),
    startTicks: field(22),
    residentPages: Number(field(24)),
  };
}

/**
 * @param {number} pid
 * @returns {Identity | null}
 */
export function identify(pid) {
  const stat = processStat(pid);
  return stat && { pid, startTicks: stat.startTicks, bootId: bootId() };
}

/**
 * Whether that very process still runs; one that ended and was not yet collected does not.
 * @param {Identity | null | undefined} identity
 */
export function isAlive(identity) {
  if (!identity || identity.bootId !== bootId()) return false;
  const stat = processStat(identity.pid);
  return stat !== null && stat.startTicks === identity.startTicks && !"ZX".includes(stat.state);
}

/**
 * Signals that very process. False when it is gone.
 * @param {Identity | null | undefined} identity
 * @param {NodeJS.Signals} signal
 */
export function signalProcess(identity, signal) {
  if (!identity || !isAlive(identity)) return false;
  try {
    return process.kill(identity.pid, signal);
  } catch {
    return false;
  }
}

/** @returns {ProcessStat[]} every process that has not ended */
export function listProcesses() {
  const pids = readdirSync("/proc").filter((name) => /^[0-9]+$/.test(name));
  return pids.flatMap((pid) => {
    const stat = processStat(Number(pid));
    return stat && !"ZX".includes(stat.state) ? [stat] : [];
  });
}
