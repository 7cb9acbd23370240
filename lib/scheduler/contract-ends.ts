// The contract's part on how jobs end. The slow one, the time limit, is started first and looked at last.
import { beforeAll, expect, it } from "vitest";
import { type Behaviour, type ContractEngine, eventually, seen, start } from "./contract-jobs";
import type { FinishedJob, JobEnd } from "./scheduler";

/** Registers the tests; `memory`: whether jobs over their memory are ended. */
export function endsContract(engine: () => ContractEngine, memory: boolean): void {
  let overrun: Awaited<ReturnType<typeof start>>;
  beforeAll(async () => {
    overrun = await start(engine(), "overrun");
  });

  it("reports success", () => endsAs(engine(), "exit-0", { end: "finished", exitCode: 0 }));
  it("reports failure with its exit code", () => endsAs(engine(), "exit-3", { end: "failed", exitCode: 3 }));
  if (memory)
    it("ends a job over its memory and says so", () => endsAs(engine(), "take-memory", { end: "out-of-memory" }));

  it("remembers who cancelled", async () => {
    const { id, spec } = await start(engine(), "wait");
    await seen(engine(), id, ({ state }) => state === "running");
    await engine().scheduler.control(spec.owner, id, { kind: "cancel" });
    const past = await remembered(engine(), id);
    expect(past).toMatchObject({ end: "cancelled", cancelledBy: spec.owner });
  });

  it("ends a job at its time limit", async () => {
    const job = await eventually(engine(), () => ended(engine(), overrun.id), 170);
    expect(job).toMatchObject({ end: "time-limit" });
    expect(await remembered(engine(), overrun.id)).toMatchObject({ end: "time-limit", tag: overrun.spec.tag });
  });
}

async function endsAs(engine: ContractEngine, behaviour: Behaviour, wanted: { end: JobEnd; exitCode?: number }) {
  const { id, spec } = await start(engine, behaviour);
  expect(await seen(engine, id, ({ state }) => state === "ended")).toMatchObject({ end: wanted.end, tag: spec.tag });
  const past = await remembered(engine, id);
  expect(past).toMatchObject({ end: wanted.end, owner: spec.owner, tag: spec.tag });
  if (wanted.exitCode !== undefined) expect(past.native.exitCode).toBe(wanted.exitCode);
  expect(past.endedAt?.getTime()).toBeGreaterThanOrEqual(past.startedAt?.getTime() ?? Number.POSITIVE_INFINITY);
}

async function ended(engine: ContractEngine, id: string) {
  const job = (await engine.scheduler.jobs({})).find((entry) => entry.id === id);
  if (job?.state !== "ended") throw new Error(`job ${id} is ${job?.state ?? "not in the queue"}`);
  return job;
}

/** The job's record in the history, once it says that the job ended: accounting may lag behind the queue. */
function remembered(engine: ContractEngine, id: string): Promise<FinishedJob> {
  const since = new Date(Date.now() - 3_600_000);
  return eventually(engine, async () => {
    const past = await engine.scheduler.history({ owner: engine.owner, ids: [id], since });
    if (past.length !== 1 || past[0]?.state !== "ended") throw new Error(`history of ${id}: ${JSON.stringify(past)}`);
    return past[0];
  });
}
