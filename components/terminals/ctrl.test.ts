import { expect, it } from "vitest";
import { withCtrl } from "@/components/terminals/ctrl";

it.each([
  ["c", "\x03"],
  ["C", "\x03"],
  ["[", "\x1b"],
  ["~", "\x1e"],
  ["|", "\x1c"],
  [" ", "\x00"],
  ["/", "\x1f"],
  ["-", "\x1f"],
  ["\x7f", "\x08"],
  ["\x1b[A", "\x1b[1;5A"],
  ["\x1bOD", "\x1b[1;5D"],
  ["\t", "\t"],
  ["1", "1"],
  ["é", "é"],
  ["pasted", "pasted"],
])("makes of Ctrl and %j %j", (key, sent) => {
  expect(new TextDecoder().decode(withCtrl(new TextEncoder().encode(key)))).toBe(sent);
});
