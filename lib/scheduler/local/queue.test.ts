// The queue as the portal sees it: what is refused, who waits for what, what is remembered.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { JobSpec } from "@/lib/scheduler/scheduler";
import { refusal } from "./machine";
import { type Bed, makeBed } from "./test-bed";

let bed: Bed;
beforeEach(() => {
  bed = makeBed();
});
afterEach(() => bed.close());

describe("refusal", () => {
  const offer = { cpus: 4, memoryMiB: 4096, partitions: ["local"] };
  const cases: [string, Partial<JobSpec>, string][] = [
    ["more cores than there are", { cpus: 5 }, "there are 4 cores, 5 asked"],
    ["more memory than there is", { memoryMiB: 4097 }, "there are 4096 MiB of memory, 4097 asked"],
    ["a GPU", { gpus: 1 }, "no GPUs"],
    ["two nodes", { nodes: 2 }, "one node, 2 asked"],
    ["a partition it does not have", { partition: "gpu" }, "Invalid partition name specified: gpu"],
    ["an account", { account: "chem" }, 'Invalid account specified: the local engine has none, so "chem"'],
    ["a feature", { constraint: "avx512" }, "Invalid constraint"],
    ["a limit of nothing", { limitMinutes: 0 }, "time limit is invalid"],
    ["no number of cores", { cpus: Number.NaN }, "cores"],
  ];
  for (const [name, change, words] of cases) {
    it(`refuses ${name}`, () => expect(refusal(bed.spec("", change), offer)).toContain(words));
  }

  it("accepts all there is", () => {
    expect(refusal(bed.spec("", { cpus: 4, memoryMiB: 4096, partition: "local" }), offer)).toBeNull();
  });

  it("has a partition that rejects everything only when sentinels are on", async () => {
    const spec = bed.spec("exit 0", { partition: "always-rejects" });
    expect(await bed.scheduler.submit(spec)).toMatchObject({
      words: "Invalid partition name specified: always-rejects",
    });
    const showing = bed.open({ sentinels: true });
    expect(await showing.submit(spec)).toMatchObject({ outcome: "rejected", words: expect.stringContaining("policy") });
    expect((await showing.facts()).partitions.map(({ name }) => name)).toEqual(["local", "always-rejects"]);
  });
});

describe("waiting", () => {
  it("says who is next, when, and lets a short small job pass", async () => {
    const long = await bed.start("sleep 300", { cpus: 3, limitMinutes: 60 });
    const whole = await bed.start("exit 0", { cpus: 4, limitMinutes: 30 });
    const tooLong = await bed.start("exit 0", { cpus: 1, limitMinutes: 90 });
    const short = await bed.start("sleep 300", { cpus: 1, limitMinutes: 20 });
    const started = await bed.running(long.id);
    await bed.running(short.id);
    const [first, second] = [await bed.job(whole.id), await bed.job(tooLong.id)];
    expect(first).toMatchObject({ state: "queued", position: 1, native: { state: "PENDING", reason: "Resources" } });
    expect(second).toMatchObject({ state: "queued", position: 2, native: { reason: "Priority" } });
    expect(first?.expectedStartAt).toEqual(started.limitAt);
    const facts = await bed.scheduler.facts();
    expect(facts).toMatchObject({
      scheduler: "local",
      running: 2,
      queued: 2,
      nodes: [{ cpusFree: 0, state: "ALLOCATED" }],
    });
    expect(facts.nodes[0]?.memoryMiBFree).toBe(4096 - 2 * 256);
    expect(facts.nodes[0]?.address).toBe("127.0.0.1");
    const estimate = await bed.scheduler.estimate(bed.spec("", { cpus: 2 }));
    expect(estimate).toMatchObject({ accepted: true, expectedStartAt: expect.any(Date) });
  });

  it("passes over a job that is held, and takes it up when it is released", async () => {
    const first = await bed.start("sleep 300", { cpus: 4 });
    const held = await bed.start("sleep 300", { cpus: 4 });
    const third = await bed.start("sleep 300", { cpus: 4 });
    await bed.scheduler.control(held.spec.owner, held.id, { kind: "hold" });
    expect(await bed.job(held.id)).toMatchObject({ state: "held", position: null, native: { reason: "JobHeldUser" } });
    await bed.scheduler.control(first.spec.owner, first.id, { kind: "cancel" });
    await bed.running(third.id);
    await bed.scheduler.control(third.spec.owner, third.id, { kind: "cancel" });
    await bed.ended(third.id);
    expect(await bed.job(held.id)).toMatchObject({ state: "held" });
    await bed.scheduler.control(held.spec.owner, held.id, { kind: "release" });
    await bed.running(held.id);
  });

  it("refuses to hold or to run again what has started, and says so", async () => {
    const { id, spec } = await bed.start("sleep 300");
    await bed.running(id);
    const control = (kind: "hold" | "requeue") => bed.scheduler.control(spec.owner, id, { kind });
    await expect(control("hold")).rejects.toMatchObject({ code: "conflict", words: "running" });
    await expect(control("requeue")).rejects.toMatchObject({ words: "Requested operation not supported" });
    expect((await bed.job(id))?.state).toBe("running");
  });
});

describe("a tag", () => {
  it("is one job, however often and however simultaneously it is submitted", async () => {
    const spec = bed.spec("echo ran >>ran; sleep 300");
    const all = await Promise.all([1, 2, 3, 4].map(() => bed.scheduler.submit(spec)));
    const ids = all.map((it) => (it.outcome === "accepted" ? it.jobId : it.words));
    expect(new Set(ids).size).toBe(1);
    expect(await bed.scheduler.jobs({})).toHaveLength(1);
  });
});

describe("history", () => {
  it("gives ended jobs by owner, id, tag and time, with what they used", async () => {
    const [one, two] = [await bed.start("exit 0"), await bed.start("sleep 300")];
    const ended = await bed.ended(one.id);
    const ask = (change: object) =>
      bed.scheduler.history({ owner: one.spec.owner, since: ended.submittedAt, ...change });
    expect((await ask({})).map(({ id }) => id)).toEqual([one.id]);
    expect(await ask({ ids: [two.id] })).toEqual([]);
    expect(await ask({ tag: one.spec.tag })).toMatchObject([{ id: one.id, cpuSeconds: 0 }]);
    expect(await ask({ owner: "somebody" })).toEqual([]);
    expect(await ask({ since: new Date(Date.now() + 60_000) })).toEqual([]);
  });
});
