// Against a directory that looks like a delegated cgroup v2; limits of a real cgroup are tested in limits.test.ts.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cgroupBytes, cgroupPids, makeCgroup, oomKills, removeCgroup } from "./cgroup.mjs";

let parent: string;
const put = (path: string, text: string) => writeFileSync(join(parent, path), text);
const announced: string[] = [];
const make = () => makeCgroup({ name: "job", memoryMiB: 3, parent }, ({ path }) => announced.push(path));
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "berth-cgroup-"));
  put("cgroup.controllers", "cpu memory pids\n");
  put("cgroup.subtree_control", "memory\n");
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));

describe("a cgroup of version 2", () => {
  it("is limited in bytes, without swap", () => {
    expect(make()).toEqual({ path: join(parent, "job"), version: 2 });
    expect(announced).toContain(join(parent, "job"));
    expect(readFileSync(join(parent, "job/memory.max"), "utf8")).toBe("3145728");
    expect(readFileSync(join(parent, "job/memory.swap.max"), "utf8")).toBe("0");
  });

  it("turns the memory controller on where that is still to do", () => {
    put("cgroup.subtree_control", "cpu\n");
    make();
    expect(readFileSync(join(parent, "cgroup.subtree_control"), "utf8")).toBe("+memory");
  });

  it("counts what programs hold, not files they read, and what the kernel killed", () => {
    const cgroup = make();
    if (!cgroup) throw new Error("not made");
    put("job/memory.stat", "anon 4096\nfile 99999999\nanon_thp 7\n");
    put("job/memory.events", "low 0\noom 5\noom_kill 2\n");
    expect([cgroupBytes(cgroup), oomKills(cgroup)]).toEqual([4096, 2]);
  });

  it("lists the processes of the cgroups below it too", () => {
    const cgroup = make();
    put("job/cgroup.procs", "12\n13\n");
    mkdirSync(join(parent, "job/container"));
    put("job/container/cgroup.procs", "14\n");
    expect(cgroupPids(cgroup)).toEqual([12, 13, 14]);
    expect(removeCgroup(cgroup)).toBe(false); // as with processes in it
  });
});

describe("without a cgroup", () => {
  it("makes none when told so, and there is nothing to list or to remove", () => {
    expect(makeCgroup({ name: "job", memoryMiB: 3, parent: "none" }, () => undefined)).toBeNull();
    expect([cgroupPids(null), removeCgroup(null)]).toEqual([[], true]);
  });
});
