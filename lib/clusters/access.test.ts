import { beforeEach, expect, it, vi } from "vitest";
import { oneCluster, useConfig } from "@/dev/test-portal";
import type { SystemActor } from "@/lib/actor";
import { clusterConfig } from "@/lib/config";
import { once } from "@/lib/once";
import type { Scheduler } from "@/lib/scheduler/scheduler";
import { accessOf } from "./access";

const system: SystemActor = { kind: "system" };
const asked: string[] = [];
let answers = true;
const nobody = { accounts: [], defaultAccount: null, qos: [], defaultQos: [], walltimes: [] };

/** A cluster whose scheduler counts who is asked about, and answers only while it shall. */
function plantCluster(name: string): void {
  const scheduler: Pick<Scheduler, "access" | "everyonesAccess"> = {
    everyonesAccess: async () => () => ({ ...nobody, admitted: false, words: null }),
    access: async (owner) => {
      asked.push(owner);
      if (!answers) throw new Error("no answer");
      return { ...nobody, accounts: [owner], defaultAccount: owner, admitted: true, words: null };
    },
  };
  once(`cluster:${name}`, () => ({ config: clusterConfig(name), scheduler }));
}

const names = ["one", "two", "three"];
useConfig({
  clusters: names.map((name) => ({ ...oneCluster, name, poll: name === "three" ? "all" : "per-user" })),
});
names.forEach(plantCluster);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance"] });
  asked.length = 0;
  answers = true;
  return () => vi.useRealTimers();
});

it("is asked once a minute, however many look", async () => {
  const look = () => accessOf(system, "one", "alice");
  expect((await Promise.all([look(), look()])).map((access) => access?.defaultAccount)).toEqual(["alice", "alice"]);
  vi.advanceTimersByTime(59_000);
  await look();
  expect(asked).toEqual(["alice"]);
  vi.advanceTimersByTime(2000);
  await look();
  expect(asked).toEqual(["alice", "alice"]);
});

it("is not asked of a scheduler again that failed a moment ago, and is soon after", async () => {
  answers = false;
  const look = () => accessOf(system, "two", "alice");
  expect(await look()).toBeNull();
  answers = true;
  vi.advanceTimersByTime(14_000);
  expect(await look()).toBeNull();
  expect(asked).toEqual(["alice"]);
  vi.advanceTimersByTime(2000);
  expect((await look())?.admitted).toBe(true);
});

it("is not asked for somebody again within the minute whose own login fails, while the scheduler answers", async () => {
  answers = false;
  const look = () => accessOf(system, "three", "nobody");
  expect(await look()).toBeNull();
  vi.advanceTimersByTime(59_000);
  expect(await look()).toBeNull();
  expect(asked).toEqual(["nobody"]);
  vi.advanceTimersByTime(2000);
  await look();
  expect(asked).toEqual(["nobody", "nobody"]);
});
