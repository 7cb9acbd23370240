import { expect, it } from "vitest";
import { isLeaveKey } from "@/components/terminals/leave-key";

const none = { code: "Period", ctrlKey: false, shiftKey: false, altKey: false, metaKey: false };

it("leads out of a terminal by one chord, and leaves all others to the program", () => {
  expect(isLeaveKey({ ...none, ctrlKey: true, shiftKey: true })).toBe(true);
  expect(isLeaveKey({ ...none, ctrlKey: true })).toBe(false);
  expect(isLeaveKey({ ...none, shiftKey: true })).toBe(false);
  expect(isLeaveKey({ ...none, ctrlKey: true, shiftKey: true, altKey: true })).toBe(false);
  expect(isLeaveKey({ ...none, ctrlKey: true, shiftKey: true, code: "Tab" })).toBe(false);
});
