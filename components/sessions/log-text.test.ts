import { expect, it } from "vitest";
import { asShown } from "@/components/sessions/log-text";

it.each([
  ["a progress bar's last state, alone", " 10%\r 55%\r100%\ndone\n", "100%\ndone\n"],
  ["a bar that waits at the start of its line", "10%\r55%\r", "55%"],
  ["lines that end in both, as they are", "one\r\ntwo\r\r\n", "one\ntwo\n"],
  ["no colours", "\u001b[31mred\u001b[0m\u0007", "red"],
])("shows %s", (_, written, shown) => {
  expect(asShown(written)).toBe(shown);
});
