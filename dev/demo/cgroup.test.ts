// Against a directory that looks like the top of cgroup version 2; what the kernel makes of it is seen in the demo.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, it } from "vitest";
import { enterCgroup, giveCgroup, removeCgroup } from "./cgroup";

let top: string;
let path: string;
const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };

beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), "berth-top-"));
  path = join(top, "berth-1");
  mkdirSync(join(path, "portal"), { recursive: true });
  writeFileSync(join(top, "cgroup.controllers"), "cpu memory pids\n");
  // The kernel makes these with the directory.
  for (const name of ["cgroup.procs", "cgroup.subtree_control", "cgroup.threads", "portal/cgroup.procs"])
    writeFileSync(join(path, name), "");
  return () => rmSync(top, { recursive: true, force: true });
});

it("a delegated subtree has the memory controller on, above and in it, and the portal in a leaf of it", () => {
  expect(giveCgroup({ path: top, version: 2 }, path, owner)).toBe(true);
  for (const at of [top, path]) expect(readFileSync(join(at, "cgroup.subtree_control"), "utf8")).toBe("+memory");
  enterCgroup({ path, version: 2 }, 4711);
  expect(readFileSync(join(path, "portal/cgroup.procs"), "utf8")).toBe("4711");
});

it("where the memory controller is not to be had, there is none", () => {
  writeFileSync(join(top, "cgroup.controllers"), "cpu pids\n");
  expect(giveCgroup({ path: top, version: 2 }, path, owner)).toBe(false);
});

it("is removed when empty, and left alone while a job goes on in it", () => {
  const v1 = { path: join(top, "v1"), version: 1 } as const;
  expect(giveCgroup({ path: top, version: 1 }, v1.path, owner)).toBe(true);
  mkdirSync(join(v1.path, "job"));
  removeCgroup(v1);
  expect(existsSync(v1.path)).toBe(true);
  rmSync(join(v1.path, "job"), { recursive: true });
  removeCgroup(v1);
  expect(existsSync(v1.path)).toBe(false);
});
