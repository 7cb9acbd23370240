import { expect, it, vi } from "vitest";
import { controlReader } from "@/lib/terminals/tmux-control";

const written = Buffer.concat([
  Buffer.from("a login shell prints without an end"),
  Buffer.from("\n%begin 1 266 0\n%end 1 266 0\n%session-changed $0 berth-x\n"),
  Buffer.from("%output %0 \\033[1mé\\134 \\015\\012\n%begin 1 267 1\n"),
  // Lines of a screen may look like anything.
  Buffer.from("%output %0 on the screen\n%end 1 2 1\n%begin 1 267 1\n\n%end 1 267 1\n"),
  Buffer.from([...Buffer.from("%output %12 "), 0xff, 0x7f, 0x0a]),
  Buffer.from("%begin 1 268 1\ncan't find pane: %3\n%error 1 268 1\n%exit\n"),
]);

it.each([1, 2, 7, 64, written.length])("reads what tmux writes, in pieces of %i bytes", (size) => {
  const heard: unknown[] = [];
  const read = controlReader({
    onOutput: (pane, bytes) => heard.push([pane, Buffer.from(bytes).toString("latin1")]),
    onAnswer: ({ isOurs, isError, lines }) => heard.push([isOurs, isError, lines]),
    onMoved: (what, id) => heard.push([what, id]),
    onTooMuch: () => heard.push("too much"),
  });
  for (let at = 0; at < written.length; at += size) read(written.subarray(at, at + size));
  expect(heard).toEqual([
    [false, false, []],
    ["session-changed", "$0"],
    ["%0", "\x1b[1m\xc3\xa9\\ \r\n"],
    [true, false, ["%output %0 on the screen", "%end 1 2 1", "%begin 1 267 1", ""]],
    ["%12", "\xff\x7f"],
    [true, true, ["can't find pane: %3"]],
  ]);
});

it.each([
  ["a line", "", Buffer.alloc(16_384, "x"), 64],
  ["an answer", "%begin 1 266 1\n", Buffer.alloc(1_048_576, `${"x".repeat(1023)}\n`), 40],
  ["an answer of one line", "%begin 1 266 1\n", Buffer.alloc(1_048_576, "x"), 40],
  ["an answer of empty lines", "%begin 1 266 1\n", Buffer.alloc(65_536, "\n"), 16],
])("says once that %s has no end, and hears no more", (_what, first, piece, times) => {
  const [onOutput, onAnswer, onMoved, onTooMuch] = [vi.fn(), vi.fn(), vi.fn(), vi.fn()];
  const read = controlReader({ onOutput, onAnswer, onMoved, onTooMuch });
  read(Buffer.from(first));
  for (let time = 0; time < times; time += 1) read(piece);
  expect(onTooMuch).toHaveBeenCalledOnce();
  read(Buffer.from("\n%end 1 266 1\n%output %0 x\n%begin 1 267 1\n%end 1 267 1\n"));
  expect([onOutput, onAnswer].map(({ mock }) => mock.calls)).toEqual([[], []]);
  expect(onTooMuch).toHaveBeenCalledOnce();
});
