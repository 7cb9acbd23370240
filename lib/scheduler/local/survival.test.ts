// Whatever dies, no job is lost, doubled or left running.
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setImmediate as turn } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import type { JobSpec } from "@/lib/scheduler/scheduler";
import { writeJson } from "./engine/disk.mjs";
import { type Bed, eventually, isRunning, kill, makeBed } from "./test-bed";

let bed: Bed;
const portals: ChildProcess[] = [];
beforeEach(() => {
  bed = makeBed();
});
afterEach(async () => {
  for (const portal of portals.splice(0)) portal.kill("SIGKILL");
  await bed.close();
});

/** Another process that submits these at once; `lines`: what it has printed. */
function portal(specs: JobSpec[], text: string) {
  const order = { stateDir: bed.stateDir, cpus: 4, memoryMiB: 4096, specs: specs.map((spec) => ({ ...spec, text })) };
  const argv = ["--import", "tsx", join(import.meta.dirname, "portal-process.ts"), JSON.stringify(order)];
  const child = spawn(process.execPath, argv, { stdio: ["ignore", "pipe", "inherit"] });
  portals.push(child);
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => lines.push(line));
  const printed = (count: number) => eventually(async () => expect(lines.length).toBeGreaterThanOrEqual(count));
  const killed = () =>
    new Promise((resolve) => {
      child.once("exit", resolve);
      child.kill("SIGKILL");
    });
  return { lines, printed, killed };
}

/** Looks each turn of the event loop: between one step of a submission and the next are a few milliseconds. */
async function untilTrue(look: () => boolean): Promise<void> {
  while (!look()) await turn();
}

const jobIds = () => (existsSync(join(bed.stateDir, "jobs")) ? readdirSync(join(bed.stateDir, "jobs")) : []);
const isThere = (spec: JobSpec, file: string) => existsSync(join(spec.directory, file));

/** What a submission has come to, in order, as it shows on disk */
const MOMENTS: Record<string, (spec: JobSpec) => boolean> = {
  "before it has done anything": () => true,
  "when the job's directory is there": (spec) => isThere(spec, "."),
  "when its script is there": (spec) => isThere(spec, "script.sh"),
  "when it is in the queue": () => jobIds().length > 0,
  "when it has a supervisor": () => jobIds().some((id) => bed.kept(id, "supervisor.json") !== null),
  "when it runs": (spec) => isThere(spec, "ran"),
};

describe("when the portal is killed", () => {
  it("keeps its job running; the next portal finds and cancels it", async () => {
    const spec = bed.spec("");
    const first = portal([spec], "echo $$ >pid; sleep 300");
    await first.printed(2);
    await first.killed();
    const pid = await bed.wrote(`${spec.directory}/pid`);
    const id = await bed.scheduler.find(spec.owner, spec.tag);
    expect(isRunning(pid)).toBe(true);
    await bed.scheduler.control(spec.owner, id ?? "", { kind: "cancel" });
    expect((await bed.ended(id ?? "")).end).toBe("cancelled");
    expect(isRunning(pid)).toBe(false);
  });

  it("still ends a job at its limit and starts the next", async () => {
    const specs = [1, 2].map(() => bed.spec("", { cpus: 4, limitMinutes: 0.02 }));
    const first = portal(specs, "echo $$ >pid; sleep 300");
    await first.printed(3);
    await first.killed();
    // Only files are looked at, so nobody asks the queue: the second runs because the first was ended in time.
    const pids = await Promise.all(specs.map(({ directory }) => bed.wrote(`${directory}/pid`)));
    await eventually(async () => expect(pids.filter(isRunning)).toEqual([]));
  });

  it.each(Object.entries(MOMENTS))(
    "%s, the job is there once or not at all, and submitting the same again never makes a second",
    async (_when, hasCome) => {
      const spec = bed.spec("echo ran >>ran; sleep 300", { cpus: 4 });
      const first = portal([spec], "echo ran >>ran; sleep 300");
      await first.printed(1);
      await untilTrue(() => hasCome(spec));
      await first.killed();
      await bed.staged();
      const found = await bed.scheduler.find(spec.owner, spec.tag);
      const again = await bed.scheduler.submit(spec);
      if (again.outcome !== "accepted") throw new Error(again.words);
      if (found) expect(again.jobId).toBe(found);
      await bed.wrote(`${spec.directory}/ran`);
      const same = (await bed.scheduler.jobs({})).filter((job) => job.tag === spec.tag);
      expect(same).toHaveLength(1);
      await bed.scheduler.control(spec.owner, again.jobId, { kind: "cancel" });
      await bed.ended(again.jobId);
      expect(readFileSync(`${spec.directory}/ran`, "utf8")).toBe("ran\n");
    },
  );
});

describe("two portals on one queue", () => {
  it("never start a job twice and never use more cores than there are", async () => {
    // Each job notes when it came and went; overlapping ones must never be more than the four cores.
    const script = "date +%s%N >>came; sleep 0.1; date +%s%N >>went";
    const specs = Array.from({ length: 20 }, () => bed.spec(""));
    const both = [portal(specs.slice(0, 10), script), portal(specs.slice(10), script)];
    await Promise.all(both.map((it) => it.printed(11)));
    await eventually(async () => {
      const jobs = await bed.scheduler.jobs({});
      expect(jobs.filter(({ end }) => end === "finished")).toHaveLength(20);
    });
    const ids = both.flatMap((it) => it.lines.slice(1)).map((line) => JSON.parse(line).jobId);
    expect(new Set(ids).size).toBe(20);
    const times = specs.map(({ directory }) => ["came", "went"].map((name) => read(`${directory}/${name}`)));
    for (const [came, went] of times) expect([came?.length, went?.length]).toEqual([1, 1]);
    const overlapping = times.map(([came]) => times.filter(([a, b]) => at(a) <= at(came) && at(came) < at(b)).length);
    expect(Math.max(...overlapping)).toBeLessThanOrEqual(4);
    expect(Math.max(...overlapping)).toBeGreaterThan(1);
  });
});

describe("when a supervisor is killed", () => {
  it("ends the job as node-failed and kills what it left, also what called setsid", async () => {
    const { id, directory } = await bed.start("setsid sleep 300 & echo $! >child; sleep 300");
    const child = await bed.wrote(`${directory}/child`);
    const supervisor = bed.kept(id, "supervisor.json").process.pid;
    const main = await eventually(async () => {
      const noted = bed.kept(id, "process.json")?.main?.pid;
      expect(noted).toBeGreaterThan(0);
      return noted;
    });
    kill(supervisor);
    const job = await bed.ended(id);
    expect(job).toMatchObject({ end: "node-failed", native: { state: "NODE_FAIL" } });
    expect(job.native.reason).toContain(`supervisor (process ${supervisor}) died`);
    expect(isRunning(child)).toBe(false);
    expect(isRunning(main)).toBe(false);
  });

  it("cancels what it left when that is asked", async () => {
    const { id, spec, directory } = await bed.start("echo $$ >pid; sleep 300");
    const pid = await bed.wrote(`${directory}/pid`);
    kill(bed.kept(id, "supervisor.json").process.pid);
    await bed.scheduler.control(spec.owner, id, { kind: "cancel" });
    expect((await bed.ended(id)).end).toMatch(/^(cancelled|node-failed)$/);
    expect(isRunning(pid)).toBe(false);
  });

  it("gives the room to the next", async () => {
    const first = await bed.start("sleep 300", { cpus: 4 });
    const second = await bed.start("echo up >up; sleep 300", { cpus: 4 });
    await bed.running(first.id);
    kill(bed.kept(first.id, "supervisor.json").process.pid);
    await bed.running(second.id);
    expect(await bed.wrote(`${second.directory}/up`)).toBe("up\n");
  });

  it("ends a job when its supervisor is told to end, as at a shutdown", async () => {
    const { id } = await bed.start("sleep 300");
    await bed.running(id);
    process.kill(bed.kept(id, "supervisor.json").process.pid, "SIGTERM");
    expect(await bed.ended(id)).toMatchObject({
      end: "node-failed",
      native: { reason: expect.stringContaining("SIGTERM") },
    });
  });
});

describe("process numbers", () => {
  it("never kills a process that has the number of one that is gone", async () => {
    const innocent = spawn("sleep", ["300"]);
    const { id } = await bed.start("sleep 300");
    await bed.running(id);
    await eventually(async () => expect(bed.kept(id, "process.json").main).not.toBeNull());
    const supervisor = bed.kept(id, "supervisor.json");
    kill(supervisor.process.pid);
    // As if both numbers had been given to somebody else since.
    const reused = { pid: innocent.pid, startTicks: "1", bootId: supervisor.process.bootId };
    writeJson(join(bed.stateDir, "jobs", id, "supervisor.json"), { ...supervisor, process: reused });
    const process = bed.kept(id, "process.json");
    writeJson(join(bed.stateDir, "jobs", id, "process.json"), { ...process, main: reused });
    expect((await bed.ended(id)).end).toBe("node-failed");
    expect(isRunning(innocent.pid ?? 0)).toBe(true);
    innocent.kill("SIGKILL");
  });

  it("ends everything that ran before a restart of the machine, and kills nothing of today's", async () => {
    const innocent = spawn("sleep", ["300"]);
    const { id, directory } = await bed.start("echo $$ >pid; sleep 300", { cpus: 4 });
    const next = await bed.start("sleep 300", { cpus: 4 });
    await bed.wrote(`${directory}/pid`);
    const path = join(bed.stateDir, "jobs", id, "supervisor.json");
    const real = bed.kept(id, "supervisor.json");
    writeJson(path, { ...real, process: { ...real.process, pid: innocent.pid, bootId: "an earlier boot" } });
    expect(await bed.ended(id)).toMatchObject({
      end: "node-failed",
      native: { reason: expect.stringContaining("restarted") },
    });
    await bed.running(next.id);
    expect(isRunning(innocent.pid ?? 0)).toBe(true);
    innocent.kill("SIGKILL");
    // What the pretended restart left running is ended by its own supervisor.
    process.kill(real.process.pid, "SIGTERM");
    await eventually(async () => expect(isRunning(real.process.pid)).toBe(false));
  });
});

describe("when a supervisor cannot be started", () => {
  /** The only job, once it has ended. */
  const endOfOnly = (scheduler: Bed["scheduler"]) =>
    eventually(async () => {
      const [only] = await scheduler.jobs({});
      if (only?.state !== "ended") throw new Error(JSON.stringify(only));
      return only;
    });

  it("gives up after three attempts and says why", async () => {
    const broken = join(bed.root, "broken.mjs");
    writeFileSync(broken, "throw new Error('no such luck')");
    const scheduler = bed.open({ supervisorPath: broken });
    await scheduler.submit(bed.spec("exit 0"));
    const job = await endOfOnly(scheduler);
    expect(job).toMatchObject({ end: "node-failed", native: { reason: expect.stringContaining("no such luck") } });
    expect(existsSync(join(bed.stateDir, "jobs", job.id, "supervisor.json"))).toBe(false);
  });

  it("waits while no process comes to be, and gives up after a minute", async () => {
    const { execPath } = process;
    onTestFinished(() => {
      process.execPath = execPath;
    });
    process.execPath = join(bed.root, "not-executable");
    writeFileSync(process.execPath, "");
    await bed.scheduler.submit(bed.spec("exit 0"));
    const look = async () => (await bed.scheduler.jobs({}))[0];
    for (let looks = 0; looks < 5; looks += 1) expect(await look()).toMatchObject({ state: "queued" });
    const record = bed.kept("1", "job.json");
    expect(record.candidate.attempt).toBeGreaterThan(3);
    const since = new Date(Date.now() - 61_000).toISOString();
    writeJson(join(bed.stateDir, "jobs", "1", "job.json"), { ...record, candidate: { ...record.candidate, since } });
    expect(await endOfOnly(bed.scheduler)).toMatchObject({
      end: "node-failed",
      native: { reason: expect.stringMatching(/could not be started: .*not-executable/s) },
    });
  });

  it("starts what waits once its own program is there again", async () => {
    const { execPath } = process;
    onTestFinished(() => {
      process.execPath = execPath;
    });
    process.execPath = join(bed.root, "being-installed");
    const { id } = await bed.start("exit 0");
    for (let looks = 0; looks < 5; looks += 1) expect(await bed.job(id)).toMatchObject({ state: "queued" });
    process.execPath = execPath;
    expect(await bed.ended(id)).toMatchObject({ end: "finished" });
  });

  it("says at once when its program is not there", () => {
    expect(() => bed.open({ supervisorPath: "/nowhere/supervisor.mjs" })).toThrow("/nowhere/supervisor.mjs");
  });
});

const read = (path: string) => readFileSync(path, "utf8").trim().split("\n");
const at = (lines: string[] | undefined) => BigInt(lines?.[0] ?? 0);
