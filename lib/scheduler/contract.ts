// What every scheduler must do, as one suite: run against the in-memory one, the local engine and a real Slurm.
// A new adapter is done when this passes; see contract-jobs.ts for what its set-up must provide.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { endsContract } from "./contract-ends";
import { filesContract } from "./contract-files";
import type { ContractEngine } from "./contract-jobs";
import { cancelStarted, eventually, newId, seen, specFor, start } from "./contract-jobs";

export type ContractOptions = {
  /** The engine writes real files and runs real programs. */
  files: boolean;
  /** Jobs over their memory are ended. */
  memory: boolean;
};

/** Registers the suite. `setup` may take two minutes; `close` of the engine is called at the end. */
export function schedulerContract(name: string, setup: () => Promise<ContractEngine>, options: ContractOptions): void {
  describe(`${name} keeps the scheduler contract`, { timeout: 180_000 }, () => {
    let made: ContractEngine | undefined;
    const engine = () => {
      if (!made) throw new Error("the engine was not set up");
      return made;
    };
    beforeAll(async () => {
      made = await setup();
    }, 120_000);
    afterAll(async () => {
      if (made) await cancelStarted(made);
      await made?.close();
    }, 120_000);

    describe("submit", () => submitContract(engine));
    describe("control", () => controlContract(engine));
    describe("queue", () => queueContract(engine));
    describe("what it says of itself", () => factsContract(engine));
    describe("when nobody answers", () => silenceContract(engine));
    describe("ends", () => endsContract(engine, options.memory));
    if (options.files) describe("files", () => filesContract(engine));
  });
}

function submitContract(engine: () => ContractEngine) {
  it("runs an accepted job, visible to the one question with its tag and owner", async () => {
    const { id, spec, directory } = await start(engine(), "wait");
    expect(directory).toMatch(/^\//);
    const job = await seen(engine(), id, ({ state }) => state === "running");
    expect(job).toMatchObject({ tag: spec.tag, owner: spec.owner, endedAt: null, end: null, position: null });
    expect(job.nodes).toHaveLength(1);
    expect(job.startedAt?.getTime()).toBeGreaterThanOrEqual(job.submittedAt.getTime());
    expect(Math.abs(Date.now() - job.submittedAt.getTime())).toBeLessThan(120_000);
    expect(job.limitAt?.getTime()).toBeGreaterThan(job.startedAt?.getTime() ?? Number.POSITIVE_INFINITY);
    await engine().scheduler.control(spec.owner, id, { kind: "cancel" });
  });

  it("rejects in the scheduler's own words what cannot run, and leaves no job behind", async () => {
    const spec = specFor(engine(), "exit-0", engine().refused);
    const submitted = await engine().scheduler.submit(spec);
    expect(submitted).toMatchObject({ outcome: "rejected", words: expect.stringMatching(/\w+ \w+/) });
    expect(await engine().scheduler.find(spec.owner, spec.tag)).toBeNull();
  });

  it("finds a job by its owner and tag, live and ended, and nobody else's", async () => {
    const { id, spec } = await start(engine(), "wait");
    const { scheduler, stranger } = engine();
    expect(await scheduler.find(spec.owner, spec.tag)).toBe(id);
    expect(await scheduler.find(stranger, spec.tag)).toBeNull();
    expect(await scheduler.find(spec.owner, `berth-${newId()}`)).toBeNull();
    await scheduler.control(spec.owner, id, { kind: "cancel" });
    await seen(engine(), id, ({ state }) => state === "ended");
    expect(await scheduler.find(spec.owner, spec.tag)).toBe(id);
  });

  it("shows the exact command for people to read, without values of the environment", () => {
    const spec = specFor(engine(), "exit-0", { environment: { BERTH_SECRET: "canary-value" } });
    const command = engine().scheduler.preview(spec);
    expect(command.length).toBeGreaterThan(0);
    expect(command.join(" ")).not.toContain("canary-value");
  });
}

function controlContract(engine: () => ContractEngine) {
  it("cancels a running job, and cancelling again is done already", async () => {
    const { id, spec } = await start(engine(), "wait");
    await seen(engine(), id, ({ state }) => state === "running");
    await engine().scheduler.control(spec.owner, id, { kind: "cancel" });
    const job = await seen(engine(), id, ({ state }) => state === "ended");
    expect(job).toMatchObject({ end: "cancelled" });
    expect(job.endedAt).toBeInstanceOf(Date);
    await engine().scheduler.control(spec.owner, id, { kind: "cancel" });
  });

  it("counts a job that never was as cancelled, but cannot hold it", async () => {
    const { scheduler, owner } = engine();
    await scheduler.control(owner, "99999999", { kind: "cancel" });
    await expect(scheduler.control(owner, "99999999", { kind: "hold" })).rejects.toThrow();
  });

  it("never takes an option for a job id", async () => {
    const { scheduler, owner } = engine();
    await expect(scheduler.control(owner, "--user=root", { kind: "cancel" })).rejects.toThrow();
  });

  it("lets nobody end somebody else's job", async () => {
    const { id, spec } = await start(engine(), "wait");
    await seen(engine(), id, ({ state }) => state === "running");
    const { scheduler, stranger } = engine();
    await expect(scheduler.control(stranger, id, { kind: "cancel" })).rejects.toThrow();
    expect((await seen(engine(), id, () => true)).state).toBe("running");
    await scheduler.control(spec.owner, id, { kind: "cancel" });
  });

  it("lowers the time limit of a running job", async () => {
    // Backfill may grant as little as the minutes asked for, and raising is not the owner's right.
    const { id, spec } = await start(engine(), "wait", { minutes: 10 });
    const before = await seen(engine(), id, ({ state }) => state === "running");
    await engine().scheduler.control(spec.owner, id, { kind: "limit", minutes: 5 });
    const after = await seen(engine(), id, ({ limitAt }) => limitAt?.getTime() !== before.limitAt?.getTime());
    const minutes = ((after.limitAt?.getTime() ?? 0) - (after.startedAt?.getTime() ?? 0)) / 60_000;
    expect(minutes).toBeCloseTo(5, 0);
    await engine().scheduler.control(spec.owner, id, { kind: "cancel" });
  });
}

function queueContract(engine: () => ContractEngine) {
  it("says of a waiting job why, and at which place; holds, releases and cancels it", async () => {
    const { fill, scheduler, owner } = engine();
    const jobs = [];
    for (let index = 0; index < fill.count + 2; index += 1) jobs.push(await start(engine(), "wait", fill.spec));
    const [first, second] = jobs.slice(-2).map(({ id }) => id) as [string, string]; // two were added above
    const [one, two] = await eventually(engine(), async () => {
      const all = await scheduler.jobs({});
      const pair = [first, second].map((id) => all.find((job) => job.id === id));
      const placed = pair.filter(
        (job) => job?.state === "queued" && /^(?!None)./.test(job.native.reason) && job.position,
      );
      if (placed.length < 2) throw new Error(JSON.stringify(pair));
      return placed;
    });
    expect(one?.position).toBeGreaterThanOrEqual(1);
    expect(two?.position).toBeGreaterThan(one?.position ?? Number.POSITIVE_INFINITY);
    expect([one?.startedAt, one?.limitAt, one?.nodes]).toEqual([null, null, []]);

    await scheduler.control(owner, second, { kind: "hold" });
    expect((await seen(engine(), second, ({ state }) => state === "held")).position).toBeNull();
    await scheduler.control(owner, second, { kind: "release" });
    await seen(engine(), second, ({ state }) => state === "queued");

    for (const { id } of jobs.reverse()) await scheduler.control(owner, id, { kind: "cancel" });
    expect(await seen(engine(), second, ({ state }) => state === "ended")).toMatchObject({ end: "cancelled" });
  });

  it("asks for one person's jobs alone when told so", async () => {
    const { id, spec } = await start(engine(), "wait");
    const { scheduler, stranger } = engine();
    const own = await scheduler.jobs({ owner: spec.owner });
    expect(own.map((job) => job.id)).toContain(id);
    expect(own.every((job) => job.owner === spec.owner)).toBe(true);
    expect((await scheduler.jobs({ owner: stranger })).map((job) => job.id)).not.toContain(id);
    await scheduler.control(spec.owner, id, { kind: "cancel" });
  });
}

function factsContract(engine: () => ContractEngine) {
  it("names its partitions and nodes, with what they have", async () => {
    const facts = await engine().scheduler.facts();
    expect(facts.scheduler).toMatch(/^\w+/);
    expect(facts.partitions.length).toBeGreaterThan(0);
    for (const partition of facts.partitions) {
      expect(partition.cpusTotal).toBeGreaterThanOrEqual(partition.cpusFree);
      expect(partition.cpusPerNode).toBeGreaterThan(0);
      expect(partition.memoryMiBPerNode).toBeGreaterThan(0);
      expect(facts.nodes.map((node) => node.name)).toEqual(expect.arrayContaining(partition.nodes));
    }
    for (const node of facts.nodes) {
      expect(node.address).toMatch(/^[A-Za-z0-9.:-]+$/);
      expect(node.cpus).toBeGreaterThanOrEqual(node.cpusFree);
    }
  });

  it("admits the person", async () => {
    const { scheduler, owner } = engine();
    const access = await scheduler.access(owner);
    expect(access).toMatchObject({ admitted: true, words: null });
    // Where everybody can be asked about at once, the answer is the same.
    expect((await scheduler.everyonesAccess?.())?.(owner) ?? access).toEqual(access);
  });

  it("says beforehand whether a job would be accepted", async () => {
    const { scheduler, refused } = engine();
    expect(await scheduler.estimate(specFor(engine(), "exit-0"))).toMatchObject({ accepted: true });
    const no = await scheduler.estimate(specFor(engine(), "exit-0", refused));
    expect(no).toMatchObject({ accepted: false, words: expect.stringMatching(/\w+/) });
  });
}

function silenceContract(engine: () => ContractEngine) {
  it("never reports an unknown submit as failed", async () => {
    expect(await engine().broken.submit(specFor(engine(), "exit-0"))).toMatchObject({ outcome: "unknown" });
  });

  it("never takes silence for an empty queue", async () => {
    const { broken, owner } = engine();
    await expect(broken.jobs({})).rejects.toThrow();
    await expect(broken.find(owner, `berth-${newId()}`)).rejects.toThrow();
    await expect(broken.history({ owner, ids: ["1"], since: new Date() })).rejects.toThrow();
    await expect(broken.control(owner, "1", { kind: "cancel" })).rejects.toThrow();
    await expect(broken.facts()).rejects.toThrow();
    await expect(broken.access(owner)).rejects.toThrow();
  });
}
