// A local engine in a directory of its own, with what its tests ask of it. Only tests import this; close() fails when
// a process of any job is left, so that no test can leak one unseen.
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { expect, vi } from "vitest";
import { newId } from "@/lib/scheduler/contract-jobs";
import type { Job, JobId, JobSpec } from "@/lib/scheduler/scheduler";
import { readJson } from "./engine/disk.mjs";
import { identify, signalProcess } from "./engine/identity.mjs";
import { type LocalOptions, local } from "./local";
import { runHere } from "./run-here";

export const owner = userInfo().username;
const SLOW_MILLISECONDS = 30_000;

export type Bed = ReturnType<typeof makeBed>;

export function makeBed(options: Partial<LocalOptions> = {}) {
  const root = mkdtempSync(join(tmpdir(), "berth-local-"));
  const stateDir = join(root, "state");
  const open = (change: Partial<LocalOptions> = {}) =>
    local({ run: runHere, stateDir, cpus: 4, memoryMiB: 4096, ...options, ...change });
  const scheduler = open();
  const directory = (id: string) => join(root, "jobs", id);

  const spec = (script: string, change: Partial<JobSpec> = {}): JobSpec => {
    const id = newId();
    return {
      ...{ owner, tag: `berth-${id}`, comment: `berth:test:${id}`, directory: directory(id) },
      files: [{ name: "script.sh", content: new TextEncoder().encode(script) }],
      script: "script.sh",
      ...{ environment: {}, nodes: 1, cpus: 1, memoryMiB: 256, gpus: 0, limitMinutes: 10, minutes: 10 },
      ...change,
    };
  };

  async function start(script: string, change: Partial<JobSpec> = {}) {
    const wanted = spec(script, change);
    const submitted = await scheduler.submit(wanted);
    if (submitted.outcome !== "accepted") throw new Error(`${submitted.outcome}: ${submitted.words}`);
    return { id: submitted.jobId, spec: wanted, directory: submitted.directory };
  }

  const job = async (id: JobId) => (await scheduler.jobs({})).find((it) => it.id === id);
  const until = (id: JobId, wanted: (job: Job) => boolean) =>
    eventually(async () => {
      const now = await job(id);
      if (!now || !wanted(now)) throw new Error(JSON.stringify(now));
      return now;
    });

  async function close() {
    for (const it of await scheduler.jobs({})) {
      if (it.state !== "ended") await scheduler.control(it.owner, it.id, { kind: "cancel" });
    }
    const jobs = await scheduler.jobs({});
    await eventually(async () => {
      expect((await scheduler.jobs({})).filter(({ state }) => state !== "ended")).toEqual([]);
    });
    // Every process of the machine is looked at.
    await vi.waitFor(() => expect(processesOf(root)).toEqual([]), { timeout: SLOW_MILLISECONDS, interval: 250 });
    const cgroups = jobs.flatMap(({ id }) => readJson(join(stateDir, "jobs", id, "process.json"))?.cgroup?.path ?? []);
    expect(cgroups.filter((path) => existsSync(path))).toEqual([]);
    rmSync(root, { recursive: true, force: true });
  }

  return {
    ...{ root, stateDir, scheduler, open, directory, spec, start, job, until, close },
    ended: (id: JobId) => until(id, ({ state }) => state === "ended"),
    running: (id: JobId) => until(id, ({ state }) => state === "running"),
    /** A file that the job wrote, once something is in it. */
    wrote: (path: string) =>
      eventually(async () => {
        const text = readFileSync(path, "utf8");
        expect(text).not.toBe("");
        return text;
      }),
    /** A killed portal's staging tidies up by itself, in a moment; a restarted portal comes later than that. */
    staged: () =>
      eventually(async () => expect(processesOf(root).filter((it) => it.includes("umask 077"))).toEqual([])),
    /** A file that the engine keeps about a job. */
    kept: (id: JobId, file: string) => readJson(join(stateDir, "jobs", id, file)),
  };
}

export const eventually = <T>(look: () => Promise<T>) => vi.waitFor(look, { timeout: SLOW_MILLISECONDS, interval: 50 });

/** Processes, supervisors too, that have `root` in their command line or environment. */
export function processesOf(root: string): string[] {
  const pids = readdirSync("/proc").filter((name) => /^[0-9]+$/.test(name) && Number(name) !== process.pid);
  const described = pids.map((pid) => [pid, read(`/proc/${pid}/cmdline`), read(`/proc/${pid}/environ`)].join(" "));
  return described.filter((text) => text.includes(root)).map((text) => text.replaceAll("\0", " ").slice(0, 200));
}

export const isRunning = (pid: number | string) => /^State:\s+[^ZX]/m.test(read(`/proc/${Number(pid)}/status`));

/** Kills one process that the test knows by number. */
export const kill = (pid: number) => signalProcess(identify(pid), "SIGKILL");

/** A directory that belongs to somebody else. */
export function foreignDirectory(root: string): string {
  if (process.getuid?.() !== 0) return "/usr/share";
  const directory = mkdtempSync(join(root, "foreign-"));
  chownSync(directory, 65_534, 65_534);
  return directory;
}

const read = (path: string) => {
  try {
    return existsSync(path) ? readFileSync(path, "utf8") : "";
  } catch {
    return "";
  }
};
