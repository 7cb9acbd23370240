import { describe, expect, it } from "vitest";
import { planStarts } from "./plan.mjs";

const capacity = { cpus: 4, memoryMiB: 1000 };
const job = (id: string, cpus: number, limitMilliseconds: number) => ({ id, cpus, memoryMiB: 10, limitMilliseconds });
const busy = (cpus: number, endsAt: number, memoryMiB = 10) => ({ cpus, endsAt, memoryMiB });
const plan = (running: ReturnType<typeof busy>[], waiting: ReturnType<typeof job>[]) =>
  Object.fromEntries(planStarts({ capacity, busy: running, waiting, now: 0 }));

describe("planStarts", () => {
  it("starts at once what fits", () => {
    expect(plan([busy(1, 9)], [job("a", 2, 5), job("b", 1, 5)])).toEqual({ a: 0, b: 0 });
  });

  it("makes the next wait for the first end that leaves enough room", () => {
    expect(plan([busy(2, 7), busy(2, 3)], [job("a", 2, 5), job("b", 4, 5)])).toEqual({ a: 3, b: 8 });
  });

  it("lets a later job go before when it ends in time", () => {
    expect(plan([busy(3, 10)], [job("big", 4, 5), job("short", 1, 10)])).toEqual({ big: 10, short: 0 });
  });

  it("never delays an earlier job for a later one", () => {
    expect(plan([busy(3, 10)], [job("big", 4, 5), job("long", 1, 11)])).toEqual({ big: 10, long: 15 });
  });

  it("counts memory as it counts cores", () => {
    const [large, small] = [200, 100].map((memoryMiB) => ({ ...job(`m${memoryMiB}`, 1, 5), memoryMiB }));
    if (!large || !small) throw new Error("two were made");
    expect(plan([busy(1, 10, 900)], [large, small])).toEqual({ m200: 10, m100: 0 });
  });

  it("expects a job that overstays its limit to end any moment, and not before", () => {
    expect(plan([busy(4, -100)], [job("a", 1, 5)])).toEqual({ a: 1 });
  });

  it("never starts what is larger than the machine, and lets the others pass", () => {
    expect(plan([], [job("huge", 5, 5), job("a", 4, 5)])).toEqual({ huge: Number.POSITIVE_INFINITY, a: 0 });
  });

  it("plans fifty ahead and leaves the rest without a forecast", () => {
    const waiting = Array.from({ length: 60 }, (_, index) => job(`j${index}`, 4, 10));
    expect(Object.keys(plan([], waiting))).toHaveLength(50);
  });
});
