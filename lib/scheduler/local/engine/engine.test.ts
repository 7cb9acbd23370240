import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createJson, readJson, writeJson } from "./disk.mjs";
import { bootId, identify, isAlive, signalProcess } from "./identity.mjs";
import { withLock } from "./lock.mjs";
import { addJob, doneIds, loadJob, loadJobs, makeState, putAway, recordEnd } from "./records.mjs";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "berth-engine-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe("files", () => {
  it("lets exactly one of many make a file, and leaves no draft", () => {
    const path = join(directory, "end.json");
    expect([1, 2, 3].map((value) => createJson(path, value))).toEqual([true, false, false]);
    expect(readJson(path)).toBe(1);
    expect(readdirSync(directory)).toEqual(["end.json"]);
  });

  it("replaces a file as a whole, and knows when there is none", () => {
    const path = join(directory, "job.json");
    expect(readJson(path)).toBeNull();
    writeJson(path, { a: "long ".repeat(50) });
    writeJson(path, { a: 1 });
    expect(readJson(path)).toEqual({ a: 1 });
  });

  it("says when a file is damaged instead of taking it for absent", () => {
    writeFileSync(join(directory, "job.json"), "{");
    expect(() => readJson(join(directory, "job.json"))).toThrow();
  });
});

describe("identity", () => {
  it("never takes another process with the same number for the one that was meant", () => {
    const self = identify(process.pid);
    if (!self) throw new Error("no /proc");
    expect(isAlive(self)).toBe(true);
    expect(isAlive({ ...self, startTicks: "1" })).toBe(false);
    expect(isAlive({ ...self, bootId: "another boot" })).toBe(false);
    expect(signalProcess({ ...self, startTicks: "1" }, "SIGKILL")).toBe(false);
    expect(self.bootId).toBe(bootId());
  });

  it("counts a process that ended and was not collected as gone", async () => {
    // The shell starts a child and never waits for it.
    const shell = spawn("/bin/sh", ["-c", "sleep 0 & echo $!; exec sleep 60"]);
    const pid = Number(await new Promise((resolve) => shell.stdout.once("data", (line) => resolve(String(line)))));
    await expect.poll(() => isAlive(identify(pid))).toBe(false);
    shell.kill("SIGKILL");
  });
});

const holder = `
import { withLock } from ${JSON.stringify(join(import.meta.dirname, "lock.mjs"))};
await withLock(process.argv[1], () => { console.log("held"); return new Promise(() => setInterval(() => {}, 1000)); });
`;

describe("lock", () => {
  it("admits one at a time, in order of arrival", async () => {
    const seen: string[] = [];
    const work = (name: string) => async () => {
      seen.push(`${name} in`);
      await new Promise((resolve) => setImmediate(resolve));
      seen.push(`${name} out`);
    };
    await Promise.all(["a", "b", "c"].map((name) => withLock(directory, work(name))));
    expect(seen).toEqual(["a in", "a out", "b in", "b out", "c in", "c out"]);
  });

  it("is kept from us while another process holds it, and is ours when that is killed", async () => {
    const other = spawn(process.execPath, ["--input-type=module", "-e", holder, directory]);
    await new Promise((resolve) => other.stdout.once("data", resolve));
    await expect(withLock(directory, () => "mine", { waitSeconds: 0.3 })).rejects.toThrow("busy");
    const waiting = withLock(directory, () => "mine");
    other.kill("SIGKILL");
    expect(await waiting).toBe("mine");
  });

  it("does not make one topic wait for another", async () => {
    const inner = () => withLock(directory, () => "inside", { topic: "another" });
    expect(await withLock(directory, inner)).toBe("inside");
  });

  it("lets go when the work throws", async () => {
    const failing = () => {
      throw new Error("no");
    };
    await expect(withLock(directory, failing)).rejects.toThrow("no");
    expect(await withLock(directory, () => "next")).toBe("next");
  });
});

describe("records", () => {
  const record = {
    ...{ owner: "a", tag: "berth-a", comment: "", partition: "local", directory: "/nowhere", script: "script.sh" },
    ...{ environment: {}, cpus: 1, memoryMiB: 1, limitSeconds: 60, submittedAt: new Date().toISOString() },
    ...{ held: false, cancel: null, candidate: null },
  };
  const day = 24 * 3_600_000;
  const endedBefore = (milliseconds: number) => {
    const job = loadJob(directory, addJob(directory, record));
    if (!job) throw new Error("not added");
    recordEnd(directory, job, {
      end: "finished",
      words: "",
      endedAt: new Date(Date.now() - milliseconds).toISOString(),
    });
    return job;
  };
  beforeEach(() => makeState(directory));

  it("numbers jobs upwards and never gives a number again", () => {
    expect([addJob(directory, record), addJob(directory, record)]).toEqual(["1", "2"]);
    endedBefore(8 * day);
    putAway(directory, loadJobs(directory), Date.now());
    expect(addJob(directory, record)).toBe("4");
  });

  it("puts away what ended minutes ago, still finds it, and forgets it after a week", () => {
    const [old, recent, young] = [endedBefore(8 * day), endedBefore(day), endedBefore(1000)];
    putAway(directory, loadJobs(directory), Date.now());
    expect(loadJobs(directory).map((job) => job.id)).toEqual([young.id]);
    expect(doneIds(directory)).toEqual([recent.id]);
    expect(loadJob(directory, recent.id)).toMatchObject({ id: recent.id, end: { end: "finished" } });
    expect(loadJob(directory, old.id)).toBeNull();
  });

  it("sweeps what a killed process left half-made", () => {
    mkdirSync(join(directory, "draft-x"));
    putAway(directory, [], Date.now());
    expect(readdirSync(directory)).not.toContain("draft-x");
  });

  it("keeps the first word on how a job ended", () => {
    const job = endedBefore(0);
    recordEnd(directory, job, { end: "failed", words: "later" });
    expect(loadJob(directory, job.id)?.end?.end).toBe("finished");
  });
});
