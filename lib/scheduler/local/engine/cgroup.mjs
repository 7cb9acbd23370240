// @ts-check
// A memory cgroup for one job, where the account may make one. Both interfaces of the kernel: version 2
// (admin-guide/cgroup-v2) and the older memory controller (admin-guide/cgroup-v1/memory).
import { spawnSync } from "node:child_process";
import { accessSync, constants, mkdirSync, readdirSync, rmdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { readText } from "./disk.mjs";

/** @typedef {{ path: string, version: 1 | 2 }} Cgroup */

const BYTES_PER_MIB = 1024 * 1024;

/**
 * Makes a cgroup `name` with that limit, or returns null when this account may not. Tried in order: `parent` (a
 * delegated directory, if any; "none" is none at all), this process's own cgroup and the one around it, the top.
 * @param {{ name: string, memoryMiB: number, parent?: string | null }} wanted
 * @param {(cgroup: Cgroup) => void} announce is told of each before it is made, so that a killed caller leaves a trace
 * @returns {Cgroup | null}
 */
export function makeCgroup({ name, memoryMiB, parent }, announce) {
  if (parent === "none") return null;
  const wanted = places(parent).map(({ path, version }) => ({ path: join(path, name), version }));
  for (const cgroup of wanted.filter((it) => isWritable(dirname(it.path)))) {
    announce(cgroup);
    if (make(cgroup) && setLimit(cgroup, memoryMiB) && canEnter(cgroup)) return cgroup;
    removeCgroup(cgroup);
  }
  return null;
}

/** @param {string} path */
function isWritable(path) {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** @param {Cgroup} cgroup */
function make({ path, version }) {
  try {
    if (version === 2) enableMemory(dirname(path));
    mkdirSync(path);
    return true;
  } catch {
    return false;
  }
}

/**
 * One may be allowed to make a cgroup and yet not to move a process there from where we are (cgroup-v2, "Delegation
 * Containment"), so a process that ends at once tries it before the job has to.
 * @param {Cgroup} cgroup
 */
function canEnter({ path }) {
  const trial = spawnSync("/bin/sh", ["-c", 'echo $$ >"$1"', "sh", join(path, "cgroup.procs")], { stdio: "ignore" });
  return trial.status === 0;
}

/**
 * @param {string | null | undefined} parent
 * @returns {Cgroup[]}
 */
function places(parent) {
  const given = parent ? [{ path: parent, version: versionOf(parent) }] : [];
  const own = (readText("/proc/self/cgroup") ?? "").split("\n").map((line) => line.split(":"));
  return [...given, ...memoryMounts().flatMap((mount) => inMount(mount, own))];
}

/**
 * This process's place in a mounted hierarchy, and the hierarchy's top.
 * @param {Cgroup & { root: string }} mount
 * @param {string[][]} own the lines of /proc/self/cgroup: hierarchy, controllers, path (cgroups(7))
 * @returns {Cgroup[]}
 */
function inMount({ path, version, root }, own) {
  const line = own.find(([, names]) => (version === 2 ? names === "" : names?.split(",").includes("memory")));
  const below = line?.slice(2).join(":") ?? "";
  const inside = root !== "/" && below.startsWith(root) ? below.slice(root.length) : below;
  // In version 2 a cgroup that holds processes cannot have children with limits; systemd's DelegateSubgroup= therefore
  // puts a service one below the cgroup that is its own.
  const around = version === 2 ? [dirname(join(path, inside))] : [];
  return [join(path, inside), ...around, path].map((place) => ({ path: place, version }));
}

/** @returns {(Cgroup & { root: string })[]} where memory may be controlled */
export function memoryMounts() {
  return (readText("/proc/self/mountinfo") ?? "").split("\n").flatMap((line) => mountOf(line) ?? []);
}

/**
 * @param {string} line of proc_pid_mountinfo(5)
 * @returns {(Cgroup & { root: string }) | null}
 */
function mountOf(line) {
  const [left = "", right = ""] = line.split(" - ");
  const [, , , root = "/", path = ""] = left.split(" ");
  const [kind, , options = ""] = right.split(" ");
  if (kind === "cgroup2") return { path, version: 2, root };
  return kind === "cgroup" && options.split(",").includes("memory") ? { path, version: 1, root } : null;
}

/** @param {string} path @returns {1 | 2} */
const versionOf = (path) => (readText(join(path, "cgroup.controllers")) === null ? 1 : 2);

/** @param {string} place */
function enableMemory(place) {
  const enabled = readText(join(place, "cgroup.subtree_control")) ?? "";
  if (!enabled.split(/\s+/).includes("memory")) writeFileSync(join(place, "cgroup.subtree_control"), "+memory");
}

/**
 * @param {Cgroup} cgroup
 * @param {number} memoryMiB
 */
function setLimit({ path, version }, memoryMiB) {
  const bytes = String(memoryMiB * BYTES_PER_MIB);
  const write = (/** @type {string} */ file, /** @type {string} */ value) => {
    try {
      writeFileSync(join(path, file), value);
      return true;
    } catch {
      return false;
    }
  };
  if (version === 1) {
    const limited = write("memory.limit_in_bytes", bytes);
    // Absent where the kernel does not account swap; then swap is not limited either.
    write("memory.memsw.limit_in_bytes", bytes);
    return limited;
  }
  write("memory.swap.max", "0");
  return write("memory.max", bytes);
}

/**
 * @param {Cgroup} cgroup
 * @returns {number} bytes that cannot be written back to files: what the programs themselves hold
 */
export function cgroupBytes({ path, version }) {
  const field = version === 1 ? "total_rss" : "anon";
  return numberAfter(readText(join(path, "memory.stat")), field);
}

/**
 * @param {Cgroup} cgroup
 * @returns {number} how many processes the kernel has killed in it for want of memory
 */
export function oomKills({ path, version }) {
  if (version === 2) return numberAfter(readText(join(path, "memory.events")), "oom_kill");
  const counts = tree(path).map((at) => numberAfter(readText(join(at, "memory.oom_control")), "oom_kill"));
  return counts.reduce((sum, count) => sum + count, 0);
}

/**
 * @param {Cgroup | null} cgroup
 * @returns {number[]} pids in it and in the cgroups below it, such as a container's
 */
export function cgroupPids(cgroup) {
  if (!cgroup) return [];
  const lists = tree(cgroup.path).map((at) => readText(join(at, "cgroup.procs")) ?? "");
  return lists.flatMap((list) => list.split("\n").filter(Boolean).map(Number));
}

/**
 * Removes it when it is empty.
 * @param {Cgroup | null} cgroup
 * @returns {boolean} whether nothing is left of it
 */
export function removeCgroup(cgroup) {
  if (!cgroup) return true;
  for (const at of tree(cgroup.path).reverse()) {
    try {
      rmdirSync(at);
    } catch {
      // Busy for a moment after the last process ended; the caller may ask again.
    }
  }
  return tree(cgroup.path).length === 0;
}

/**
 * Removes it as soon as the kernel lets go of the processes that ended in it: a moment, at most a second.
 * @param {Cgroup | null} cgroup
 */
export async function discardCgroup(cgroup) {
  for (let tries = 0; !removeCgroup(cgroup) && tries < 20; tries += 1) await delay(50);
}

/**
 * @param {string} path
 * @returns {string[]} it and every cgroup below it, parents first
 */
function tree(path) {
  try {
    const below = readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return [path, ...below.flatMap((entry) => tree(join(path, entry.name)))];
  } catch {
    return [];
  }
}

/**
 * @param {string | null} text lines of a name and a number
 * @param {string} name
 */
function numberAfter(text, name) {
  const line = (text ?? "").split("\n").find((it) => it.startsWith(`${name} `));
  return line ? Number(line.slice(name.length + 1)) : 0;
}
