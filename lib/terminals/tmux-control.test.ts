import { expect, it } from "vitest";
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
  });
  for (let at = 0; at < written.length; at += size) read(written.subarray(at, at + size));
  expect(heard).toEqual([
    [false, false, []],
    ["%0", "\x1b[1m\xc3\xa9\\ \r\n"],
    [true, false, ["%output %0 on the screen", "%end 1 2 1", "%begin 1 267 1", ""]],
    ["%12", "\xff\x7f"],
    [true, true, ["can't find pane: %3"]],
  ]);
});
