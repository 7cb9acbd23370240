import { expect, it } from "vitest";
import { parseCsv } from "@/components/files/csv";

it.each([
  [
    "plain",
    "a,b\n1,2\n",
    [
      ["a", "b"],
      ["1", "2"],
    ],
  ],
  ["quoted, with what would end a value", 'a,"b, ""c""\nd"\r\n', [["a", 'b, "c"\nd']]],
  [
    "tabs",
    "a\tb\n1\t2",
    [
      ["a", "b"],
      ["1", "2"],
    ],
  ],
  ["lines that end with CR alone", 'a;"b\r"\r1;2\r\r3;4\r', [["a", "b\r"], ["1", "2"], [""], ["3", "4"]]],
  [
    "empty values",
    ",\n,x,",
    [
      ["", ""],
      ["", "x", ""],
    ],
  ],
  [
    "what stands behind a closing quote",
    '"Smith, J." ,42\n"5" pipe,12\n',
    [
      ["Smith, J.", "42"],
      ["5 pipe", "12"],
    ],
  ],
  ["nothing", "", []],
])("%s", (_what, text, rows) => {
  expect(parseCsv(text, 100)).toEqual(rows);
});

it("stops where it was told to, and ends on text that is no table", () => {
  expect(parseCsv("a\n".repeat(50), 10)).toHaveLength(10);
  expect(parseCsv('"never closed,\n'.repeat(20), 100).length).toBeGreaterThan(0);
});
