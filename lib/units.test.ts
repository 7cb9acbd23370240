import { describe, expect, it } from "vitest";
import { count, formatGiB, formatMinutes } from "@/lib/units";

describe("formatMinutes", () => {
  it.each([
    [0, "0 min"],
    [45, "45 min"],
    [120, "2 h"],
    [90, "1 h 30 min"],
    [1440, "1 d"],
    [1470, "1 d 30 min"],
    [4560, "3 d 4 h"],
    [-5, "0 min"],
  ])("says %d minutes as %s", (minutes, text) => {
    expect(formatMinutes(minutes)).toBe(text);
  });
});

describe("formatGiB", () => {
  it.each([
    [0.5, "0.5 GiB"],
    [16, "16 GiB"],
    [1024, "1 TiB"],
    [1536, "1.5 TiB"],
    [250.98, "250.9 GiB"],
    [2014.65, "2014.6 GiB"],
    [0.29, "0.29 GiB"],
  ])("says %d GiB as %s", (gib, text) => {
    expect(formatGiB(gib)).toBe(text);
  });
});

describe("count", () => {
  it("knows one from many", () => {
    expect([count(1, "core"), count(0, "core"), count(2, "process", "processes")]).toEqual([
      "1 core",
      "0 cores",
      "2 processes",
    ]);
  });
});
