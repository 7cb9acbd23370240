import { expect, it } from "vitest";
import { clockTime } from "@/components/ui/when";

const at = "2026-11-23T23:58:10Z";
const hours = (count: number) => Date.parse(at) + count * 3_600_000;

it("says the time of day of what is near, and the day of what is not", () => {
  expect(clockTime(at, hours(1))).not.toMatch(/Nov/);
  expect(clockTime(at, hours(13))).toMatch(/Nov/);
  expect(clockTime(at, hours(13), true)).toMatch(/Nov.*:10/);
  expect(clockTime(at, hours(1), true)).toMatch(/:10/);
});
