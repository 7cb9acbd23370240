// @ts-check
// How much memory a job holds and whether that is too much: by its cgroup where there is one, otherwise by adding up
// its processes at each look, which is slower to notice and says so.

import { cgroupBytes, oomKills } from "./cgroup.mjs";
import { readText } from "./disk.mjs";

/** @typedef {import("./identity.mjs").ProcessStat} ProcessStat */

const BYTES_PER_MIB = 1024 * 1024;

/**
 * @param {{ cgroup: import("./cgroup.mjs").Cgroup | null, limitMiB: number }} settings
 */
export function memoryMeter({ cgroup, limitMiB }) {
  const pageBytes = Number(/^KernelPageSize:\s+(\d+)/m.exec(readText("/proc/self/smaps") ?? "")?.[1] ?? 4) * 1024;
  let maxBytes = 0;

  /** @param {ProcessStat[]} members */
  function used(members) {
    if (cgroup) return cgroupBytes(cgroup);
    const resident = members.reduce((sum, it) => sum + it.residentPages, 0) * pageBytes;
    // Pages that processes share count once each above: only when that looks too much is the exact sum worth its cost.
    return resident <= limitMiB * BYTES_PER_MIB ? resident : proportionalBytes(members);
  }

  return {
    /** What measures, for people to read. */
    name: cgroup ? `cgroup v${cgroup.version}` : "resident size, looked at each second",
    /**
     * @param {ProcessStat[]} members
     * @returns {boolean} whether the job is over its limit
     */
    exceeded(members) {
      const bytes = used(members);
      // When the kernel stepped in between two looks, all that is known is that the limit was reached.
      const wasKilled = cgroup !== null && oomKills(cgroup) > 0;
      maxBytes = Math.max(maxBytes, bytes, wasKilled ? limitMiB * BYTES_PER_MIB : 0);
      return cgroup ? wasKilled : bytes > limitMiB * BYTES_PER_MIB;
    },
    maxMiB: () => (maxBytes > 0 ? Math.ceil(maxBytes / BYTES_PER_MIB) : null),
  };
}

/**
 * The sum of Pss of smaps_rollup: a page shared by n processes counts 1/n for each (proc_pid_smaps(5)).
 * @param {ProcessStat[]} members
 */
function proportionalBytes(members) {
  const kibibytes = members.map((it) => /^Pss:\s+(\d+)/m.exec(readText(`/proc/${it.pid}/smaps_rollup`) ?? "")?.[1]);
  return kibibytes.reduce((sum, text) => sum + Number(text ?? 0), 0) * 1024;
}
