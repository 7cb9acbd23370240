import { expect, it } from "vitest";
import { clockTime, relativeTime } from "@/components/ui/when";

const at = "2026-11-23T23:58:10Z";
const hours = (count: number) => Date.parse(at) + count * 3_600_000;

it("says the time of day of what is near, and the day of what is not", () => {
  expect(clockTime(at, hours(1))).not.toMatch(/Nov/);
  expect(clockTime(at, hours(13))).toMatch(/Nov/);
  expect(clockTime(at, hours(13), true)).toMatch(/Nov.*:10/);
  expect(clockTime(at, hours(1), true)).toMatch(/:10/);
});

it.each([
  ["2026-11-23T23:58:10Z", "2026-11-23T23:58:10Z", "now"],
  ["2026-11-23T23:58:19Z", "2026-11-23T23:58:10Z", "now"],
  ["2026-11-23T23:57:40Z", "2026-11-23T23:58:10Z", "30 sec. ago"],
  ["2026-11-24T01:00:09Z", "2026-11-23T23:58:10Z", "in 1 hr."],
  ["2026-11-23T00:10:00Z", "2026-11-23T23:58:10Z", "23 hr. ago"],
  ["2026-10-31T12:00:00Z", "2026-12-01T12:00:00Z", "1 mo. ago"],
  ["2025-12-31T12:00:00Z", "2027-01-05T12:00:00Z", "1 yr. ago"],
  ["2026-06-01T12:00:00Z", "2026-12-01T12:00:00Z", "6 mo. ago"],
])("calls %s, at %s, %s", (then, now, words) => {
  expect(relativeTime(then, Date.parse(now), "en")).toBe(words);
});
