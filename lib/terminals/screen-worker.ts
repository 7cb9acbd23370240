// A worker thread: draws output on a screen that nobody sees, and answers with text that draws the same screen again.
// Runs under plain Node, so it imports packages only. One job at a time, in order.
import { parentPort } from "node:worker_threads";
import { SerializeAddon } from "@xterm/addon-serialize";
import headless from "@xterm/headless";

// It decodes its table with Buffer.from() and reads the head from where the memory begins, which is another Buffer's in a
// pool: https://github.com/xtermjs/xterm.js/issues/6079. Then it fails, or takes gigabytes.
Buffer.poolSize = 0;
const { UnicodeGraphemesAddon } = await import("@xterm/addon-unicode-graphemes");

export type ScreenStep = { bytes: Uint8Array } | { cols: number; rows: number };
export type ScreenJob = {
  id: number;
  base: string;
  cols: number;
  rows: number;
  steps: ScreenStep[];
  scrollback: number;
};

/** A drawing is sent whole and held in memory: lines far above the screen are left out of a larger one. */
const MOST_DRAWN_BYTES = 2 * 1024 * 1024;
/** Characters that take no room of their own go into the cell before, without end; so many are more than any script has. */
const MOST_IN_A_CELL = 16;
const JOINING = String.raw`[\p{M}\p{Cf}\p{Emoji_Modifier}\u1160-\u11ff]|(?<=\u200d)\p{Extended_Pictographic}`;
/** Korean consonants that begin a syllable, and with it a cell; a run of them is one cell, too. */
const BEGINNING = String.raw`[\u1100-\u115f]`;
const RUNS = [JOINING, BEGINNING];
const TOO_MANY = new RegExp(RUNS.map((one) => `((?:${one}){${MOST_IN_A_CELL}})(?:${one})+`).join("|"), "gu");
const AT_END = new RegExp(RUNS.map((one) => `(?:${one}){1,${MOST_IN_A_CELL}}$`).join("|"), "u");
const LONGEST_CHARACTER = 4;

/** How many bytes at the end are the beginning of a character (RFC 3629). */
function unfinished(bytes: Uint8Array): number {
  for (let back = 1; back < LONGEST_CHARACTER && back <= bytes.length; back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) > back ? back : 0;
  }
  return 0;
}

/** Passes output on in whole characters, without what would pile up in one cell; `kept` is what a cell has so far. */
function cellGuard() {
  let [rest, kept] = [new Uint8Array(), ""];
  return (bytes: Uint8Array): string | Uint8Array => {
    const all = rest.length > 0 ? Buffer.concat([rest, bytes]) : bytes;
    const end = all.length - unfinished(all);
    rest = Uint8Array.from(all.subarray(end));
    const whole = all.subarray(0, end);
    // ASCII alone, as most output is.
    if (!kept && !whole.some((byte) => byte >= 0x80)) return whole;
    const text = kept + new TextDecoder("utf-8", { ignoreBOM: true }).decode(whole);
    const limited = text.replace(TOO_MANY, "$1$2");
    const before = kept.length;
    kept = AT_END.exec(limited.slice(-4 * MOST_IN_A_CELL))?.[0] ?? "";
    // As it came: a screen shows what is no UTF-8 in its own way.
    return limited.length === text.length ? whole : limited.slice(before);
  };
}

/** With as many of the last `scrollback` lines as fit. */
function serialize(serializer: SerializeAddon, scrollback: number): string {
  for (let lines = scrollback; ; lines = lines > 16 ? Math.floor(lines / 2) : 0) {
    const text = serializer.serialize({ scrollback: lines });
    if (lines === 0 || Buffer.byteLength(text) <= MOST_DRAWN_BYTES) return text;
  }
}

/** What SerializeAddon leaves out: how a program's mouse is told (SGR, pixels), of which the last holds, and a hidden cursor. */
function otherModes(terminal: headless.Terminal): () => string {
  const [hidden, encodings] = [25, [1006, 1016]];
  let encoding: number | null = null;
  let isHidden = false;
  for (const [final, on] of [
    ["h", true],
    ["l", false],
  ] as const)
    terminal.parser.registerCsiHandler({ prefix: "?", final }, (params) => {
      for (const mode of params.flat()) {
        if (encodings.includes(mode)) encoding = on ? mode : null;
        if (mode === hidden) isHidden = !on;
      }
      return false;
    });
  // A reset of all (RIS), and of what is no mouse's (DECSTR).
  terminal.parser.registerEscHandler({ final: "c" }, () => {
    encoding = null;
    isHidden = false;
    return false;
  });
  terminal.parser.registerCsiHandler({ intermediates: "!", final: "p" }, () => {
    isHidden = false;
    return false;
  });
  return () => (encoding ? `\x1b[?${encoding}h` : "") + (isHidden ? "\x1b[?25l" : "");
}

async function draw({ base, cols, rows, steps, scrollback }: ScreenJob): Promise<string> {
  const terminal = new headless.Terminal({ cols, rows, scrollback, allowProposedApi: true });
  const serializer = new SerializeAddon();
  // The same widths as on the page, or what stands behind a wide character would move. Add-ons are written against the
  // terminal of browsers; this one has the same buffer and modes.
  for (const addon of [serializer, new UnicodeGraphemesAddon()])
    terminal.loadAddon(addon as unknown as Parameters<typeof terminal.loadAddon>[0]);
  const write = (data: string | Uint8Array) => new Promise<void>((done) => terminal.write(data, done));
  const guard = cellGuard();
  const modes = otherModes(terminal);
  try {
    if (base) await write(base);
    for (const step of steps) {
      if ("bytes" in step) await write(guard(step.bytes));
      else terminal.resize(step.cols, step.rows);
    }
    return serialize(serializer, scrollback) + modes();
  } finally {
    terminal.dispose();
  }
}

let last: Promise<void> = Promise.resolve();
parentPort?.on("message", (job: ScreenJob) => {
  last = last.then(async () => {
    const answer = await draw(job).then(
      (screen) => ({ id: job.id, screen }),
      (error: unknown) => ({ id: job.id, error: String(error) }),
    );
    parentPort?.postMessage(answer);
  });
});
