import { PassThrough } from "node:stream";
import { expect, it, vi } from "vitest";
import { throughControl } from "@/lib/terminals/tmux-control";
import { controlReader } from "@/lib/terminals/tmux-reader";

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
    onWords: (line) => heard.push(line),
    onMoved: (what, id) => heard.push([what, id]),
    onTooMuch: () => heard.push("too much"),
  });
  for (let at = 0; at < written.length; at += size) read(written.subarray(at, at + size));
  expect(heard).toEqual([
    "a login shell prints without an end",
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
  const [onOutput, onAnswer, onTooMuch] = [vi.fn(), vi.fn(), vi.fn()];
  const read = controlReader({ onOutput, onAnswer, onMoved: vi.fn(), onWords: vi.fn(), onTooMuch });
  read(Buffer.from(first));
  for (let time = 0; time < times; time += 1) read(piece);
  expect(onTooMuch).toHaveBeenCalledOnce();
  read(Buffer.from("\n%end 1 266 1\n%output %0 x\n%begin 1 267 1\n%end 1 267 1\n"));
  expect([onOutput, onAnswer].map(({ mock }) => mock.calls)).toEqual([[], []]);
  expect(onTooMuch).toHaveBeenCalledOnce();
});

/** A tmux that answers each line it is sent with what `answer` gives, and that is attached to already. */
function madeUp(answer: (line: string, at: number) => string) {
  const output = new PassThrough();
  const gone = Promise.withResolvers<{ code: number | null; wasConnectionLost: boolean }>();
  const hangUp = vi.fn(() => gone.resolve({ code: null, wasConnectionLost: false }));
  let count = 0;
  const write = async (bytes: Uint8Array) => void output.write(answer(Buffer.from(bytes).toString(), count++));
  output.write("%begin 1 1 0\n%end 1 1 0\n");
  const channel = { output, gone: gone.promise, hangUp, resize: () => {}, write };
  return { channel, hangUp, open: () => throughControl(channel, { ...session, stillThere: async () => true }) };
}
const session = { name: "one", size: { cols: 80, rows: 24 }, lines: 100 };

it("takes an answer for that of its own command, where tmux has left out the rest of a line behind an error", async () => {
  const says = (at: number, ...lines: string[]) =>
    ["%begin 1 N 1", ...lines, "%end 1 N 1", ""].join("\n").replaceAll("N", `${at}`);
  const { channel, open } = madeUp((line, at) => {
    if (at === 0) return says(2);
    // What a look asks first; the rest of the line is dropped.
    return line.startsWith("display-message") ? "%begin 1 3 1\ncan't find pane\n%error 1 3 1\n" : says(4);
  });
  await expect(open()).rejects.toMatchObject({ words: "tmux: can't find pane" });
  expect(channel.hangUp).toHaveBeenCalledOnce();
});

it("hangs up on a tmux that writes without answering", async () => {
  const { channel, hangUp, open } = madeUp(() => "");
  const opening = open();
  const line = `%output %0 ${"x".repeat(32_000)}\n`;
  for (let time = 0; time < 1100; time += 1) channel.output.write(line);
  await opening;
  expect(hangUp).toHaveBeenCalledOnce();
});
