import { beforeEach, describe, expect, it } from "vitest";
import { schedulerContract } from "./contract";
import { type Behaviour, type ContractEngine, specFor } from "./contract-jobs";
import { type FakeScheduler, fake } from "./fake";
import type { FakeEnding } from "./fake-queue";

const ENDINGS: Partial<Record<Behaviour, FakeEnding>> = {
  "exit-0": { end: "finished" },
  "exit-3": { end: "failed", exitCode: 3 },
  "take-memory": { end: "out-of-memory" },
  overrun: { end: "time-limit" },
};

async function engine(scheduler: FakeScheduler): Promise<ContractEngine> {
  const broken = fake();
  broken.fake.silence(true);
  return {
    scheduler,
    broken,
    owner: "alice",
    stranger: "bob",
    directory: (id) => `~/berth/${id}`,
    defaults: {},
    refused: { partition: "always-rejects" },
    fill: { count: 1, spec: { cpus: 8 } },
    act: (behaviour, id) => {
      const ending = ENDINGS[behaviour];
      if (ending) scheduler.fake.end(id, ending);
    },
    waitSeconds: 2,
    close: async () => undefined,
  };
}

schedulerContract("the in-memory scheduler", () => engine(fake()), { files: false, memory: true });

describe("fake", () => {
  let now: number;
  let scheduler: FakeScheduler;
  let spec: (change?: Parameters<typeof specFor>[2]) => ReturnType<typeof specFor>;

  beforeEach(async () => {
    now = Date.UTC(2026, 0, 1);
    scheduler = fake(() => new Date(now));
    const set = await engine(scheduler);
    spec = (change) => specFor(set, "wait", change);
  });
  const accepted = async (change?: Parameters<typeof specFor>[2]) => {
    const submitted = await scheduler.submit(spec(change));
    if (submitted.outcome !== "accepted") throw new Error(submitted.words);
    return submitted.jobId;
  };

  it("ends a job at its limit and starts the next one at that moment", async () => {
    const first = await accepted({ cpus: 8, limitMinutes: 10 });
    const second = await accepted({ cpus: 8, limitMinutes: 30 });
    await scheduler.jobs({});
    now += 12 * 60_000;
    const jobs = await scheduler.jobs({});
    expect(jobs.find(({ id }) => id === first)).toMatchObject({ state: "ended", end: "time-limit" });
    expect(jobs.find(({ id }) => id === second)?.startedAt).toEqual(new Date(now - 2 * 60_000));
  });

  it("loses the answer of unknown-submit but not the job", async () => {
    const wanted = spec({ partition: "unknown-submit" });
    expect(await scheduler.submit(wanted)).toMatchObject({ outcome: "unknown" });
    expect(await scheduler.find("alice", wanted.tag)).toMatch(/^\d+$/);
  });

  it("loses both with unknown-lost", async () => {
    const wanted = spec({ partition: "unknown-lost" });
    expect(await scheduler.submit(wanted)).toMatchObject({ outcome: "unknown" });
    expect(await scheduler.find("alice", wanted.tag)).toBeNull();
  });

  it("keeps an ended job in the queue for five minutes and in the history after that", async () => {
    const id = await accepted();
    scheduler.fake.end(id, { end: "finished" });
    expect(await scheduler.jobs({})).toHaveLength(1);
    now += 301_000;
    expect(await scheduler.jobs({})).toHaveLength(0);
    expect(await scheduler.history({ owner: "alice", ids: [id], since: new Date(0) })).toHaveLength(1);
  });

  it("hides a job from the poller's question only, forgets it everywhere", async () => {
    const id = await accepted();
    scheduler.fake.hide(id);
    expect(await scheduler.jobs({})).toHaveLength(0);
    expect(await scheduler.jobs({ owner: "alice" })).toHaveLength(1);
    expect(await scheduler.history({ owner: "alice", since: new Date(0) })).toHaveLength(1);
    scheduler.fake.forget(id);
    expect(await scheduler.jobs({ owner: "alice" })).toHaveLength(0);
    expect(await scheduler.history({ owner: "alice", since: new Date(0) })).toHaveLength(0);
  });
});
