import { describe, expect, it } from "vitest";
import { nearestStop, stops } from "@/components/requests/stops";

describe("the stops of a slider", () => {
  it("are amounts people ask for, both ends included", () => {
    expect(stops(1, 20)).toEqual([1, 2, 3, 4, 6, 8, 12, 16, 20]);
    expect(stops(0.5, 3)).toEqual([0.5, 1, 2, 3]);
  });

  it("are one where there is no choice", () => {
    expect(stops(1, 1)).toEqual([1]);
  });

  it("answer the nearest for a typed number, the first for none", () => {
    expect(nearestStop([1, 2, 4, 8], 5)).toBe(2);
    expect(nearestStop([1, 2, 4, 8], 100)).toBe(3);
    expect(nearestStop([1, 2, 4, 8], Number.NaN)).toBe(0);
  });
});
