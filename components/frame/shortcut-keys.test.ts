import { expect, it } from "vitest";
import { isPaletteKey, letterOf } from "@/components/frame/shortcut-keys";

const none = { ctrlKey: false, metaKey: false, shiftKey: false, altKey: false };
const k = { ...none, key: "k", code: "KeyK" };

it.each([
  ["Ctrl K", { ...k, ctrlKey: true }, false, true],
  ["Ctrl K with capitals locked", { ...k, key: "K", ctrlKey: true }, false, true],
  ["Ctrl and the key of K on a Cyrillic keyboard", { ...k, key: "л", ctrlKey: true }, false, true],
  ["Ctrl K where K is at another place", { ...k, code: "KeyV", ctrlKey: true }, false, true],
  ["Ctrl and what a Latin keyboard has at K's place", { ...k, key: "t", ctrlKey: true }, false, false],
  ["Ctrl Shift K, which deletes a line in an editor", { ...k, key: "K", ctrlKey: true, shiftKey: true }, false, false],
  ["the Windows key and K", { ...k, metaKey: true }, false, false],
  ["Cmd K on a Mac", { ...k, metaKey: true }, true, true],
  ["Ctrl K on a Mac, which deletes to the end of the line", { ...k, ctrlKey: true }, true, false],
  ["K alone", k, false, false],
])("%s", (_what, key, isMac, opens) => {
  expect(isPaletteKey(key, isMac)).toBe(opens);
});

it("a letter is what a Latin keyboard writes, and what is at its place on another", () => {
  expect(letterOf({ key: "г", code: "KeyU" })).toBe("u");
  expect(letterOf({ key: "h", code: "KeyJ" })).toBe("h");
  expect(letterOf({ key: "Dead", code: "KeyH" })).toBe("dead");
  expect(letterOf({ key: ".", code: "Period" })).toBe(".");
});
