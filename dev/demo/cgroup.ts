// As root: a memory cgroup that the account `berth` may divide among its jobs, so that the one-machine engine holds them to
// what they asked for. Where the kernel or a container does not let us make one, the engine goes by resident size.
import { chownSync, existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Cgroup, memoryMounts } from "@/lib/scheduler/local/engine/cgroup.mjs";
import type { Account } from "./places";

type Owner = NonNullable<Account>;
export type DemoCgroup = Cgroup;

/** Where the portal and its supervisors are in version 2; version 1 lets them stay where they are. */
const portalLeaf = (path: string): string => join(path, "portal");

function own(path: string, names: string[], { uid, gid }: Owner): void {
  chownSync(path, uid, gid);
  for (const name of names) chownSync(join(path, name), uid, gid);
}

/**
 * Version 2 delegates a subtree with its control files, and lets an account move processes only within it: so the portal
 * gets a leaf in there (admin-guide/cgroup-v2, "Delegation Containment" and "No Internal Process Constraint").
 */
function delegate(top: string, path: string, owner: Owner): boolean {
  if (!readFileSync(join(top, "cgroup.controllers"), "utf8").split(/\s+/).includes("memory")) return false;
  writeFileSync(join(top, "cgroup.subtree_control"), "+memory");
  mkdirSync(portalLeaf(path), { recursive: true });
  writeFileSync(join(path, "cgroup.subtree_control"), "+memory");
  own(path, ["cgroup.procs", "cgroup.subtree_control", "cgroup.threads"], owner);
  own(portalLeaf(path), ["cgroup.procs"], owner);
  return true;
}

/** Makes `path` below the mount of a hierarchy and gives it to `owner`. False where that cannot be done. */
export function giveCgroup({ path: top, version }: Cgroup, path: string, owner: Owner): boolean {
  try {
    if (version === 2) return delegate(top, path, owner);
    mkdirSync(path, { recursive: true });
    chownSync(path, owner.uid, owner.gid);
    return true;
  } catch {
    // Mounted read-only, as in most containers, or the controller is used elsewhere.
    return false;
  }
}

/** Makes the cgroup `name`, or finds the one of an earlier start whose jobs go on. Null where there can be none. */
export function prepareCgroup(name: string, owner: Owner): DemoCgroup | null {
  for (const top of memoryMounts()) {
    const path = join(top.path, name);
    if (giveCgroup(top, path, owner)) return { path, version: top.version };
    removeCgroup({ path, version: top.version });
  }
  return null;
}

/** Puts a process that has just been started where it may put jobs into cgroups of their own. */
export function enterCgroup({ path, version }: DemoCgroup, pid: number): void {
  if (version === 2) writeFileSync(join(portalLeaf(path), "cgroup.procs"), String(pid));
}

/** Removes the cgroup unless jobs go on in it: then the next demo's end does. */
export function removeCgroup({ path }: DemoCgroup): void {
  for (const at of [portalLeaf(path), path]) {
    if (!existsSync(at)) continue;
    try {
      rmdirSync(at);
    } catch {
      return;
    }
  }
}
