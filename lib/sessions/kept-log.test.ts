import { expect, it } from "vitest";
import { endOfLog, isEndOnly } from "@/lib/sessions/kept-log";

it("keeps whole characters, and no byte that cannot be stored", () => {
  const kept = endOfLog(`${"\u00e9".repeat(100_000)}a\0`);
  // An odd number of bytes before the end of it: the first half character is left out.
  expect([Buffer.byteLength(kept), kept.replaceAll("\u00e9", "")]).toEqual([131_071, "a"]);
  expect(isEndOnly(kept)).toBe(true);
});

it("is all of a log that is short in lines and in bytes", () => {
  const log = `${"x".repeat(2000)}\n`.repeat(49);
  expect(endOfLog(log)).toBe(log.trimEnd());
  expect([isEndOnly(endOfLog(log)), isEndOnly(endOfLog(log + log)), isEndOnly("")]).toEqual([false, true, false]);
});
