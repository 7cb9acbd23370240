import { expect, it } from "vitest";
import { clipboardKey } from "./clipboard-keys";

const plain = { ctrlKey: false, shiftKey: false, altKey: false, metaKey: false };
const ctrl = { ...plain, ctrlKey: true };
const shift = { ...ctrl, shiftKey: true };

it.each([
  ["Ctrl-C is the program's on Linux, whatever is selected", { ...ctrl, key: "c", code: "KeyC" }, false, true, null],
  [
    "Ctrl-C is the program's on Windows while nothing is selected",
    { ...ctrl, key: "c", code: "KeyC" },
    true,
    false,
    null,
  ],
  ["Ctrl-C copies on Windows what is selected", { ...ctrl, key: "c", code: "KeyC" }, true, true, "copy"],
  ["Ctrl-Shift-C copies on Linux", { ...shift, key: "C", code: "KeyC" }, false, true, "copy"],
  [
    "Ctrl-Shift-C never reaches the program, nor the browser's tools",
    { ...shift, key: "C", code: "KeyC" },
    false,
    false,
    "copy",
  ],
  ["Ctrl-V pastes on Windows", { ...ctrl, key: "v", code: "KeyV" }, true, false, "paste"],
  ["Ctrl-V is the program's on Linux", { ...ctrl, key: "v", code: "KeyV" }, false, false, null],
  ["Ctrl-Shift-V is left to the browser", { ...shift, key: "V", code: "KeyV" }, false, false, null],
  ["Cmd-C is left to the browser", { ...plain, metaKey: true, key: "c", code: "KeyC" }, false, true, null],
  ["Ctrl-Alt-C is the program's", { ...ctrl, altKey: true, key: "c", code: "KeyC" }, true, true, null],
  ["Ctrl-Shift-C is the letter, not its place: Dvorak", { ...shift, key: "C", code: "KeyI" }, false, true, "copy"],
  ["Ctrl-V is the letter, not its place: Dvorak", { ...ctrl, key: "v", code: "Period" }, true, false, "paste"],
  ["Ctrl-K is the program's, wherever it is: Dvorak", { ...ctrl, key: "k", code: "KeyV" }, true, false, null],
  ["Ctrl-J is the program's, wherever it is: Dvorak", { ...ctrl, key: "j", code: "KeyC" }, true, true, null],
  [
    "Ctrl-Shift-C goes by its place where letters are others",
    { ...shift, key: "С", code: "KeyC" },
    false,
    true,
    "copy",
  ],
  ["Ctrl-V goes by its place where letters are others", { ...ctrl, key: "м", code: "KeyV" }, true, false, "paste"],
] as const)("%s", (_what, key, windows, hasSelection, meant) => {
  expect(clipboardKey(key, { isWindows: windows, hasSelection })).toBe(meant);
});
