// What the doctor says of a scheduler that answers, but is set up as Berth cannot use it.
import { expect, it } from "vitest";
import type { Examination } from "@/lib/clusters/examine-cluster";
import { examineScheduler } from "@/lib/clusters/examine-queue";
import { fake } from "@/lib/scheduler/fake";
import type { Scheduler } from "@/lib/scheduler/scheduler";

async function findings(change: Partial<Scheduler>) {
  const scheduler = { ...fake(() => new Date()), ...change };
  // The rest is not looked at.
  const exam = { cluster: { poller: "berth-poll" }, scheduler } as unknown as Examination;
  return Array.fromAsync(examineScheduler(exam));
}

it("says that a federation is not supported, and nothing of one that is none", async () => {
  expect(await findings({ federation: async () => "fedx" })).toMatchObject([
    { check: "scheduler", verdict: "ok" },
    { check: "federation", verdict: "problem", says: expect.stringMatching(/fedx.*not supported/) },
  ]);
  expect(await findings({ federation: async () => null })).toHaveLength(1);
  expect(await findings({})).toHaveLength(1);
});

it("names the partitions whose nodes have no memory to give: every request would be refused", async () => {
  const { facts } = fake(() => new Date());
  const known = await facts();
  const [first] = known.partitions;
  const empty = { ...first, name: "empty", cpusPerNode: 0, memoryMiBPerNode: 0 };
  const partitions = [{ ...first, name: "old", memoryMiBPerNode: 1 }, empty, ...known.partitions];
  expect(await findings({ facts: async () => ({ ...known, partitions }) as typeof known })).toMatchObject([
    { check: "scheduler", verdict: "ok" },
    { check: "memory of nodes", verdict: "problem", says: expect.stringMatching(/ old\b/) },
  ]);
});
