import { expect, it } from "vitest";
import { hourIn } from "@/components/frame/time-zone";

const noon = Date.parse("2026-11-28T12:20:00Z");

it.each([
  ["UTC", 12],
  ["Asia/Kathmandu", 18],
  ["America/Argentina/Buenos_Aires", 9],
  ["Etc/GMT+12", 0],
])("reads the clock on a wall in %s", (zone, hour) => {
  expect(hourIn(zone, noon)).toBe(hour);
});

it.each([undefined, "", "Nowhere/Town", "UTC; path=/", "A".repeat(65)])(
  "knows no hour where a cookie says %s",
  (zone) => {
    expect(hourIn(zone, noon)).toBeNull();
  },
);
