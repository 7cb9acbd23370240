import { expect, it } from "vitest";
import { flipped, has, modeText, octalOf } from "@/components/files/mode";

it.each([
  ["0644", "rw-r--r--"],
  ["0750", "rwxr-x---"],
  ["4755", "rwsr-xr-x"],
  ["2644", "rw-r-Sr--"],
  ["1777", "rwxrwxrwt"],
  ["0000", "---------"],
])("%s is written %s", (octal, text) => {
  expect(modeText(octal)).toBe(text);
});

it("one right is turned over and all others stay", () => {
  const mode = flipped(0o644, "group", "write");
  expect(octalOf(mode)).toBe("0664");
  expect(has(mode, "group", "write")).toBe(true);
  expect(octalOf(flipped(mode, "owner", "read"))).toBe("0264");
});
