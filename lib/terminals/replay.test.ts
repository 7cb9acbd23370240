import "@/dev/unpooled-buffers";
import { SerializeAddon } from "@xterm/addon-serialize";
import { UnicodeGraphemesAddon } from "@xterm/addon-unicode-graphemes";
import headless from "@xterm/headless";
import { expect, it } from "vitest";
import { safeLength, sequencesOf } from "@/lib/terminals/cut";
import { drawScreen } from "@/lib/terminals/draw-screen";
import { makeReplay, type Replay } from "@/lib/terminals/replay";
import type { ScreenSize } from "@/lib/terminals/schema";

const size = { cols: 80, rows: 24 };
const bytes = (text: string) => new TextEncoder().encode(text);
const text = (parts: Uint8Array[] | null) => (parts ? Buffer.concat(parts).toString() : null);
const replay = () => makeReplay({ draw: drawScreen, scrollback: 200, size });

/** What somebody sees who was there from the start. */
async function seen(outputs: string[]): Promise<string> {
  const terminal = new headless.Terminal({ ...size, scrollback: 200, allowProposedApi: true });
  const serializer = new SerializeAddon();
  // The same buffer under another name, as in the worker.
  for (const addon of [serializer, new UnicodeGraphemesAddon()])
    terminal.loadAddon(addon as unknown as Parameters<typeof terminal.loadAddon>[0]);
  for (const output of outputs) await new Promise<void>((done) => terminal.write(output, done));
  return serializer.serialize({ scrollback: 200 });
}

it.each([
  ["plain text", "hello", 5],
  ["a finished colour", "\x1b[31mred", 8],
  ["half a colour", "ab\x1b[3", 2],
  ["a lone escape", "ab\x1b", 2],
  ["half a title", "ab\x1b]0;title", 2],
  ["a title whose end is half there", "ab\x1b]0;title\x1b", 2],
  ["a finished title", "ab\x1b]0;title\x07cd", 14],
  ["a title ended by ST", "ab\x1b]0;t\x1b\\cd", 11],
  ["half a character set", "ab\x1b(", 2],
  ["half a colour that one sign began", "ab\u009b38;2;", 2],
  ["half a title that one sign began", "ab\u009d0;title\x1b", 2],
  ["a colour and a title that one sign began", "ab\u009b31m\u009d0;t\u009ccd", 16],
])("cuts %s where nothing is split", (_what, output, length) => {
  expect(safeLength(bytes(output))).toBe(length);
});

it("cuts before a character that is not whole", () => {
  const snowman = bytes("ab☃");
  for (const length of [3, 4]) expect(safeLength(snowman.subarray(0, length))).toBe(2);
  expect(safeLength(snowman)).toBe(5);
});

it("keeps sequences when text is left out", () => {
  expect(Buffer.from(sequencesOf(bytes("a\x1b[31mb\x1b[?1049hc\x1b]0;t\x07d"))).toString()).toBe(
    "\x1b[31m\x1b[?1049h\x1b]0;t\x07",
  );
});

it("gives every byte since a number, and none twice", () => {
  const record = replay();
  for (const part of ["one ", "two ", "three"]) record.append(bytes(part));
  expect(text(record.since(4))).toBe("two three");
  expect(text(record.since(6))).toBe("o three");
  expect(text(record.since(13))).toBe("");
  expect(record.since(14)).toBeNull();
});

const lines = (count: number, line: (at: number) => string) =>
  Array.from({ length: count }, (_none, at) => line(at)).join("");

it.each([
  ["coloured lines", lines(20_000, (at) => `\x1b[3${at % 8}mline ${at} ☃ of many words\x1b[0m\r\n`)],
  ["a colour that goes on", `\x1b[1;35m\x1b]0;t\x07\x1b[?1h${lines(90_000, (at) => `${at}\r\n`)}`],
  ["a program that moves the cursor", lines(40_000, (at) => `\x1b[${1 + (at % 24)};${1 + (at % 70)}Hmark ${at}\r\n`)],
  ["what stands on the other screen", `before\r\n\x1b[?1049h${lines(70_000, (at) => `line ${at}\r\n`)}`],
  ["the same by the one sign for CSI", `before\r\n\u009b?1049h${lines(70_000, (at) => `line ${at}\r\n`)}`],
  ["lines of a thousand letters", lines(900, (at) => `${String(at).repeat(400)}\r\n`)],
  ["one line that never seems to end", `${"word ".repeat(200_000)}\r\n`],
])(
  "draws, after more than is held, the screen that somebody sees who was there all the time: %s",
  async (_what, output) => {
    const whole = `${output}\x1b[?2004h\x1b[5;10Hhere`;
    const record = replay();
    const all = bytes(whole);
    for (let at = 0; at < all.length; at += 20_011) {
      record.append(all.subarray(at, at + 20_011));
      // As the shell is made to wait.
      await expect.poll(() => record.heldBytes(), { timeout: 30_000, interval: 5 }).toBeLessThan(900 * 1024);
    }
    const drawn = await record.screen();
    expect(drawn.seq).toBe(all.length);
    expect(await seen([drawn.screen])).toBe(await seen([whole]));
  },
  60_000,
);

it("draws nothing in a flood of plain lines, and keeps what viewers have on their way", () => {
  let drawings = 0;
  const draw = () => {
    drawings += 1;
    return Promise.resolve("");
  };
  const record = makeReplay({ draw, scrollback: 200, size });
  record.append(bytes("\x1b]0;title\x07\x1b[?2004h$ \x1b[?2004l\r\n"));
  for (let times = 0; times < 200; times += 1) {
    record.append(bytes("yes\r\n".repeat(8000)));
    const from = Math.max(0, record.seq() - 256 * 1024);
    expect(Buffer.concat(record.since(from) ?? []).length).toBe(record.seq() - from);
    expect(record.heldBytes()).toBeLessThan(600 * 1024);
  }
  expect(drawings).toBe(0);
});

it("draws the other screen of an editor and the modes it set", async () => {
  const record = replay();
  const output = "shell$ vi\r\n\x1b[?1049h\x1b[?1h\x1b[2J\x1b[Hfile text\x1b[24;1H-- INSERT --";
  record.append(bytes(output));
  expect(await seen([(await record.screen()).screen])).toBe(await seen([output]));
});

it("goes on after the screen with what was half a sequence", async () => {
  const record = replay();
  record.append(bytes("plain \x1b[3"));
  const { screen, seq } = await record.screen();
  record.append(bytes("1mred"));
  const rest = text(record.since(seq)) ?? "";
  expect(rest).toBe("\x1b[31mred");
  expect(await seen([screen, rest])).toBe(await seen(["plain \x1b[31mred"]));
});

/** Seen from the start, and by somebody who comes when the first half is there. */
it.each([
  ["half a sequence, then another size", ["hello \x1b[38;2;10;", { cols: 40, rows: 20 }, "20;30mred"]],
  ["a title in halves, sizes between", ["a\x1b]0;ti", { cols: 40, rows: 20 }, "tl", { cols: 60, rows: 9 }, "e\x07b"]],
  ["a sequence across the end of a full piece", ["x".repeat(65_535), "\x1b[3", "1mred"]],
] as (readonly [string, (string | ScreenSize)[]])[])("cuts nothing in two: %s", async (_what, steps) => {
  const record = replay();
  for (const step of steps.slice(0, -1)) {
    if (typeof step === "string") record.append(bytes(step));
    else record.resize(step);
  }
  const { screen, seq } = await record.screen();
  const last = steps.at(-1);
  record.append(bytes(String(last)));
  const rest = text(record.since(seq)) ?? "";
  const all = steps.filter((step) => typeof step === "string");
  expect(rest.startsWith("\x1b")).toBe(true);
  expect(await seen([screen, rest])).toBe(await seen([all.join("")]));
});

it("cuts no character in two that another size comes between", async () => {
  const record = replay();
  const snowman = bytes("☃");
  record.append(bytes("a"));
  record.append(snowman.subarray(0, 2));
  record.resize({ cols: 40, rows: 20 });
  const { screen, seq } = await record.screen();
  record.append(snowman.subarray(2));
  expect([screen, text(record.since(seq))]).toEqual(["a", "☃"]);
});

it("holds a bounded part of a flood that nobody draws, and then the right modes", () => {
  const record = makeReplay({ draw: () => new Promise(() => {}), scrollback: 200, size });
  record.append(bytes("\x1b[?1049h"));
  const flood = bytes("yes\r\n".repeat(8000));
  for (let times = 0; times < 500; times += 1) record.append(flood);
  expect(record.seq()).toBe(500 * flood.length + 8);
  expect(record.heldBytes()).toBeLessThan(2 * 1024 * 1024);
  expect(record.since(100)).toBeNull();
});

it("holds a bounded part of a flood of sequences, whose text is nothing", () => {
  const record = makeReplay({ draw: () => Promise.reject(new Error("no worker")), scrollback: 200, size });
  const flood = bytes("\x1b[31m".repeat(8000));
  for (let times = 0; times < 300; times += 1) record.append(flood);
  expect(record.heldBytes()).toBeLessThan(2 * 1024 * 1024);
});

it("draws characters as wide as they are on the page", async () => {
  const record = replay();
  const output = "\x1b[5;1H🚀\x1b[5;4Hx\x1b[6;1H👩‍👩‍👧‍👦\x1b[6;5Hy";
  record.append(bytes(output));
  const { screen } = await record.screen();
  expect(await seen([screen])).toBe(await seen([output]));
  expect(screen).toContain("🚀\x1b[1Cx");
});

it.each([
  ["accents", "\u0301"],
  ["joined faces", "\u200d👩"],
  ["Korean vowels", "\u1161"],
  ["Korean consonants", "\u1100"],
])("keeps of %s that pile up in one cell what a script may need", async (_what, mark) => {
  const record = replay();
  record.append(bytes("\x1b[2J\x1b[He"));
  const pile = bytes(mark.repeat(100_000));
  // Odd pieces: characters and piles are split between them.
  for (let at = 0; at < pile.length; at += 50_001) record.append(pile.subarray(at, at + 50_001));
  record.append(bytes(" e\u0301\u0323 end"));
  const { screen } = await record.screen();
  expect(screen.length).toBeLessThan(200);
  expect(screen).toContain(" e\u0301\u0323 end");
});

it("draws every letter of Korean whose syllables come in parts", async () => {
  const record = replay();
  const output = "대한민국학술정보원강남".normalize("NFD");
  record.append(bytes(output));
  const { screen } = await record.screen();
  expect(screen).toContain(output);
  expect(await seen([screen])).toBe(await seen([output]));
});

it("holds no more of the lines above the screen than is sent in good time", async () => {
  const wide = { cols: 500, rows: 30 };
  const record = makeReplay({ draw: drawScreen, scrollback: 2000, size: wide });
  const cell = (line: number, column: number) => `\x1b[38;5;${16 + ((line + column) % 200)}mx`;
  for (let line = 0; line < 400; line += 1) {
    record.append(bytes(`${Array.from({ length: 490 }, (_none, column) => cell(line, column)).join("")}\r\n`));
    if (line % 200 === 100) await record.screen();
  }
  record.append(bytes("\x1b[0mthe end"));
  const { screen } = await record.screen();
  expect(Buffer.byteLength(screen)).toBeLessThan(2.1 * 1024 * 1024);
  expect(record.heldBytes()).toBeLessThan(4 * 1024 * 1024);
  expect(screen).toContain("the end");
  expect(screen.split("\r\n").length).toBeGreaterThan(wide.rows);
});

it("keeps of a window that is pulled at the size it ends with", async () => {
  const drawn: unknown[] = [];
  const record = makeReplay({
    draw: (drawing) => {
      drawn.push(...drawing.steps);
      return drawScreen(drawing);
    },
    scrollback: 200,
    size,
  });
  record.append(bytes("before"));
  for (let cols = 20; cols < 5020; cols += 1) record.resize({ cols, rows: 24 });
  record.resize({ cols: 100, rows: 30 });
  record.append(bytes(" after"));
  const { screen, size: now } = await record.screen();
  expect(drawn).toHaveLength(3);
  expect(screen).toContain("before after");
  expect(now).toEqual({ cols: 100, rows: 30 });
});

/** Pulls at a window, with a few bytes between, as a prompt that is drawn anew at each size. */
async function pullAt(record: Replay, times: number, each = async (_at: number) => {}) {
  for (let at = 0; at < times; at += 1) {
    record.resize({ cols: 80 + (at % 40), rows: 24 });
    record.append(bytes(`\r$ ${"x".repeat(18)}`));
    await each(at);
  }
}

it("draws on while a window is pulled at, so that nobody's screen waits for all of its sizes", async () => {
  const most = { sizes: 0 };
  const record = makeReplay({
    draw: (drawing) => {
      most.sizes = Math.max(most.sizes, drawing.steps.filter((step) => "cols" in step).length);
      return drawScreen(drawing);
    },
    scrollback: 200,
    size,
  });
  record.append(bytes(lines(200, (at) => `line ${at}\r\n`)));
  await pullAt(record, 300, async (at) => {
    if (at % 10 === 0) await record.screen();
  });
  const { screen, size: now } = await record.screen();
  expect(most.sizes).toBeLessThan(30);
  expect(screen).toContain("line 199");
  expect(now).toEqual({ cols: 99, rows: 24 });
});

it("counts what its pieces take, however little is in them, and is bounded by that when nobody draws", async () => {
  const record = makeReplay({ draw: () => new Promise(() => {}), scrollback: 200, size });
  await pullAt(record, 500);
  expect(record.heldBytes()).toBeGreaterThan(500 * 1024);
  await pullAt(record, 20_000);
  expect(record.heldBytes()).toBeLessThan(2 * 1024 * 1024);
});

it("does not try to draw for each byte while nothing can", async () => {
  let tries = 0;
  const draw = () => {
    tries += 1;
    return Promise.reject(new Error("no worker"));
  };
  const record = makeReplay({ draw, scrollback: 200, size });
  await pullAt(record, 100, async () => void (await Promise.resolve()));
  for (let times = 0; times < 100; times += 1) {
    record.append(bytes("x"));
    await Promise.resolve();
  }
  expect(tries).toBeGreaterThan(0);
  expect(tries).toBeLessThan(20);
});
