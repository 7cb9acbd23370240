import { describe, expect, it } from "vitest";
import { durationMinutes, durationSeconds, instant, list, printable, sizeMiB } from "./fields";
import { gpusOf } from "./gres";
import { expandHostlist } from "./hostlist";

describe("expandHostlist", () => {
  it.each([
    ["", []],
    ["(null)", []],
    ["None assigned", []],
    ["n1", ["n1"]],
    ["cpu[1-3,7],gpu1", ["cpu1", "cpu2", "cpu3", "cpu7", "gpu1"]],
    ["n[08-11]", ["n08", "n09", "n10", "n11"]],
    ["n[001,010-011]-ib", ["n001-ib", "n010-ib", "n011-ib"]],
    ["r[1-2]n[1-2]", ["r1n1", "r1n2", "r2n1", "r2n2"]],
    ["a[1-2],b,c[5]", ["a1", "a2", "b", "c5"]],
    ["n[98-101]", ["n98", "n99", "n100", "n101"]],
  ])("expands %s", (text, names) => {
    expect(expandHostlist(text)).toEqual(names);
  });
  it("does not fill the memory for a range that is nonsense", () => {
    expect(expandHostlist("n[1-999999999]")).toEqual([]);
    expect(expandHostlist("n[5-1]")).toEqual([]);
  });
  it.each([
    ["ranges times ranges", "n[1-99999][1-99999]"],
    ["ranges times ranges times none", "n[1-99999][1-99999][5-1]"],
    ["range after range", `n[${"1-99999,".repeat(100)}1]`],
    ["entry after entry", "n[1-99999],".repeat(100)],
    ["long names", `${"n".repeat(10_000)}[1-99999]`],
  ])("names nothing when %s are more than a cluster can have", (_what, text) => {
    expect(expandHostlist(text)).toEqual([]);
  });
  it("expands as many as a large cluster has", () => {
    expect(expandHostlist("rack[001-100]node[001-512]-ib")).toHaveLength(51_200);
    expect(expandHostlist(`n[${Array.from({ length: 20_000 }, (_, index) => 2 * index).join(",")}]`)).toHaveLength(
      20_000,
    );
  });
  it.each(["[", "[1]", "n,", "n[1-2", "]"])("takes no longer for a long text of %s", (piece) => {
    const before = performance.now();
    expandHostlist(piece.repeat(100_000));
    expect(performance.now() - before).toBeLessThan(4000);
  });
});

describe("fields", () => {
  it.each([
    ["1-02:03:04", 93784],
    ["02:03:04", 7384],
    ["10:00", 600],
    ["0:00", 0],
    ["UNLIMITED", null],
    ["NOT_SET", null],
    ["", null],
  ])("reads the duration %s", (text, seconds) => {
    expect(durationSeconds(text)).toBe(seconds);
  });
  it("counts whole minutes", () => {
    expect(durationMinutes("00:01:59")).toBe(1);
  });
  it.each([
    ["81724K", 80],
    ["1.5G", 1536],
    ["4096", 1],
    ["0", 0],
    ["", null],
  ])("reads the size %s", (text, mib) => {
    expect(sizeMiB(text)).toBe(mib);
  });
  it("reads instants in seconds and nothing else", () => {
    expect(instant("1795333734")?.toISOString()).toBe("2026-11-22T07:48:54.000Z");
    for (const text of ["N/A", "Unknown", "0", "", "2026-11-22T07:48:54", "4102444800"])
      expect(instant(text)).toBeNull();
  });
  it("splits lists and takes control characters out of names", () => {
    expect(list("a,b,")).toEqual(["a", "b"]);
    expect(list("(null)")).toEqual([]);
    expect(printable("a\u001b[2Jb\n\u202ec")).toBe("a [2Jb c");
  });
});

describe("gpusOf", () => {
  it.each([
    ["gpu:a100:4(S:0-1)", { a100: 4 }],
    ["gpu:a100:2(IDX:0-1),gpu:v100:0(IDX:N/A)", { a100: 2, v100: 0 }],
    ["gpu:4", { gpu: 4 }],
    ["gpu:4(S:0-1)", { gpu: 4 }],
    ["gpu:(null):3(IDX:0,2-3)", { gpu: 3 }],
    ["gpu:0", { gpu: 0 }],
    ["shard:16,mps:100", {}],
    ["(null)", {}],
    ["gpu:tesla_t4:1(S:0),gpu:tesla_t4:1(S:1)", { tesla_t4: 2 }],
  ])("reads %s", (text, counts) => {
    expect(Object.fromEntries(gpusOf(text))).toEqual(counts);
  });
  it("reads nothing from nothing", () => {
    expect(gpusOf(undefined).size).toBe(0);
  });
});
