import { expect, it } from "vitest";
import { choose } from "@/components/terminals/choose";
import type { TerminalView } from "@/lib/terminals/schema";

// Only what the choice looks at.
const terminal = (id: string, createdAt: string, state = "live") =>
  ({ id, createdAt, state }) as unknown as TerminalView;
const old = terminal("old", "2026-01-01T00:00:00Z");
const newer = terminal("newer", "2026-01-02T00:00:00Z");
const newest = terminal("newest", "2026-01-03T00:00:00Z");

it("without an id the newest is shown, and stays when one is opened elsewhere", () => {
  expect(choose([newer, old], null, null)).toBe(newer);
  expect(choose([newest, newer, old], null, "newer")).toBe(newer);
});

it("one that has ended stays to say so, and what is not known any more gives way to the newest", () => {
  const ended = terminal("newer", newer.createdAt, "ended");
  expect(choose([old, ended], null, "newer")).toBe(ended);
  expect(choose([old], null, "newer")).toBe(old);
  expect(choose([ended], null, null)).toBeUndefined();
});

it("the address has the word, also of one that is not there", () => {
  expect(choose([old, newer], "old", "newer")).toBe(old);
  expect(choose([old], "gone", "old")).toBeUndefined();
});
