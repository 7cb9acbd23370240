import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Run } from "@/lib/clusters/run";
import { schedulerFor } from "./adapters";

describe("schedulerFor", () => {
  const argvs: string[][] = [];
  const run: Run = async (argv) => {
    argvs.push(argv);
    return { code: 0, stdout: new Uint8Array(), stderr: new Uint8Array() };
  };
  const place = { reach: { run }, dataDir: "/nonexistent", sentinels: false };
  const settings = { name: "one", poller: "berth-poll", accounting: true };

  it("gives a Slurm cluster its program directory and configuration", async () => {
    const scheduler = schedulerFor(
      { ...settings, scheduler: "slurm", binDir: "/opt/bin", slurmConf: "/etc/s.conf" },
      place,
    );
    expect(await scheduler.jobs({})).toEqual([]);
    expect(argvs.at(-1)).toEqual(expect.arrayContaining(["SLURM_CONF=/etc/s.conf", "/opt/bin/squeue"]));
  });

  it("gives the in-memory one its cores", async () => {
    const scheduler = schedulerFor({ ...settings, scheduler: "fake", local: { cpus: 3 } }, place);
    expect((await scheduler.facts()).nodes[0]?.cpus).toBe(3);
  });

  it("tells the one-machine one where it may make cgroups", async () => {
    const dataDir = mkdtempSync(join(tmpdir(), "berth-adapters-"));
    onTestFinished(() => rmSync(dataDir, { recursive: true }));
    const local = { memoryGiB: 1.5, cgroupParent: "/sys/fs/cgroup/memory/berth" };
    await schedulerFor({ ...settings, scheduler: "local", local }, { ...place, dataDir }).jobs({});
    const machine = JSON.parse(readFileSync(join(dataDir, "local/one/machine.json"), "utf8"));
    expect(machine).toMatchObject({ memoryMiB: 1536, cgroupParent: local.cgroupParent });
  });
});
