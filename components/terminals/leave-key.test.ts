import { expect, it } from "vitest";
import { isLeaveKey } from "@/components/terminals/leave-key";

const none = { key: ">", code: "Period", ctrlKey: false, shiftKey: false, altKey: false, metaKey: false };

it("leads out of a terminal by one chord, and leaves all others to the program", () => {
  expect(isLeaveKey({ ...none, ctrlKey: true, shiftKey: true })).toBe(true);
  expect(isLeaveKey({ ...none, ctrlKey: true })).toBe(false);
  expect(isLeaveKey({ ...none, shiftKey: true })).toBe(false);
  expect(isLeaveKey({ ...none, ctrlKey: true, shiftKey: true, altKey: true })).toBe(false);
  expect(isLeaveKey({ ...none, ctrlKey: true, shiftKey: true, key: "Tab", code: "Tab" })).toBe(false);
});

it.each([
  ["by its place, whatever Shift makes of it", ":", "Period", true],
  ["by its place among letters of another script", "Ю", "Period", true],
  ["where Dvorak has the full stop", ">", "KeyE", true],
  ["where French has the full stop", ".", "Comma", true],
  ["where Bépo has the full stop", ":", "KeyV", true],
  ["not by the colon of an American keyboard", ":", "Semicolon", false],
  ["not by the angle brackets of a German one", ">", "IntlBackslash", false],
  ["not by what Dvorak has in its place, with which one pastes", "V", "Period", false],
])("knows the full stop: %s", (_what, key, code, is) => {
  expect(isLeaveKey({ ...none, ctrlKey: true, shiftKey: true, key, code })).toBe(is);
});
