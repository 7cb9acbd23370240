import { expect, it } from "vitest";
import { clipboardKey, isWindows } from "./clipboard-keys";

const plain = { ctrlKey: false, shiftKey: false, altKey: false, metaKey: false };
const ctrl = { ...plain, ctrlKey: true };
const shift = { ...ctrl, shiftKey: true };

it.each([
  ["Ctrl-C is the program's on Linux, whatever is selected", { ...ctrl, code: "KeyC" }, false, true, null],
  ["Ctrl-C is the program's on Windows while nothing is selected", { ...ctrl, code: "KeyC" }, true, false, null],
  ["Ctrl-C copies on Windows what is selected", { ...ctrl, code: "KeyC" }, true, true, "copy"],
  ["Ctrl-Shift-C copies on Linux", { ...shift, code: "KeyC" }, false, true, "copy"],
  ["Ctrl-Shift-C never reaches the program, nor the browser's tools", { ...shift, code: "KeyC" }, false, false, "copy"],
  ["Ctrl-V pastes on Windows", { ...ctrl, code: "KeyV" }, true, false, "paste"],
  ["Ctrl-V is the program's on Linux", { ...ctrl, code: "KeyV" }, false, false, null],
  ["Ctrl-Shift-V is left to the browser", { ...shift, code: "KeyV" }, false, false, null],
  ["Cmd-C is left to the browser", { ...plain, metaKey: true, code: "KeyC" }, false, true, null],
  ["Ctrl-Alt-C is the program's", { ...ctrl, altKey: true, code: "KeyC" }, true, true, null],
])("%s", (_what, key, windows, hasSelection, meant) => {
  expect(clipboardKey(key, { isWindows: windows, hasSelection })).toBe(meant);
});

it.each([
  [{ userAgentData: { platform: "Windows" }, platform: "Linux x86_64" }, true],
  [{ platform: "Win32" }, true],
  [{ platform: "MacIntel" }, false],
  [{ userAgentData: { platform: "Linux" } }, false],
  [{}, false],
])("knows Windows by %j: %s", (navigator, is) => {
  expect(isWindows(navigator)).toBe(is);
});
