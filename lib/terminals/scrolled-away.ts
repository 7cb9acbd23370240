// Output that has certainly scrolled off a screen and out of what is kept above it. A flood is mostly that, and nobody need
// draw it to know: behind so many newer lines nothing is left of a text but the modes and colours that it set.
import { inEscapes } from "@/lib/terminals/cut";

/** No more of a text than this is kept of what it set; more is odd enough to be drawn. */
const MOST_SETTINGS = 4096;
/** What may begin a sequence: ESC, and the first byte of a C1 control. */
const BEGINS = [0x1b, 0xc2];
const LF = 0x0a;
/** Charset shifts are no escape sequences, but change what letters look like. */
const SHIFTS = [0x0e, 0x0f];

// biome-ignore-start lint/suspicious/noControlCharactersInRegex: control characters are what this file is about.
/** Colours, titles, clearing a line, and modes that do not change what a line feed does (xterm's ctlseqs). */
const HARMLESS =
  /\x1b(?:\[[\d;:]*[mK]|\[\?(?:1|7|12|25|66|100[0-6]|1015|2004|2026)[hl]|\][0-2];[^\x07\x1b\n]*(?:\x07|\x1b\\)|[=>]|\([0B])/g;
/** What a drawing of the ordinary screen may hold besides: moves, and characters to be skipped or cleared. */
const DRAWN = /\x1b\[\d*(?:;\d*)?[ABCDHX]/g;
const SETTINGS = /\x1b(?:\[[\d;:]*m|\[\?\d+[hl]|[=>]|\([0B])/g;
const RESET = /^\x1b\[(?:0;?)?m$/;
// biome-ignore-end lint/suspicious/noControlCharactersInRegex: as above.

/** Of text, what it set: the colours since the last reset, and the last word on each mode. */
function settingsOf(text: string): string {
  const colours: string[] = [];
  const modes = new Map<string, string>();
  for (const [sequence] of text.matchAll(SETTINGS)) {
    if (sequence.endsWith("m") && sequence[1] === "[") {
      if (RESET.test(sequence)) colours.length = 0;
      colours.push(sequence);
    } else modes.set(/\d+/.exec(sequence)?.[0] ?? (sequence[1] === "(" ? "(" : "="), sequence);
  }
  return [...modes.values(), ...colours].join("");
}

const textOf = (parts: Buffer[]): string => inEscapes(parts.map((part) => part.toString("latin1")).join(""));

/** Whether every sequence of `text` is one that leaves lines where they are. */
const isHarmless = (text: string): boolean => !text.replaceAll(HARMLESS, "").includes("\x1b");

/** A byte of `parts`: which part, and where in it. */
type Place = { part: number; at: number };

/** Behind the `count`th line feed before `end`. Null when there are fewer. */
function lineBefore(parts: Buffer[], end: Place, count: number): Place | null {
  let left = count;
  for (let { part, at } = end; part >= 0; part -= 1, at = parts[part]?.length ?? 0) {
    const bytes = parts[part];
    for (let from = at; bytes && from > 0; ) {
      const found = bytes.lastIndexOf(LF, from - 1);
      if (found < 0) break;
      left -= 1;
      if (left === 0) return { part, at: found + 1 };
      from = found;
    }
  }
  return null;
}

/** The byte that `count` bytes of the end follow. Null when there are fewer. */
function bytesBefore(parts: Buffer[], count: number): Place | null {
  let left = count;
  for (let part = parts.length - 1; part >= 0; part -= 1) {
    const { length } = parts[part] ?? [];
    if (length >= left) return { part, at: length - left };
    left -= length;
  }
  return null;
}

const isEarlier = (one: Place, other: Place): boolean =>
  one.part < other.part || (one.part === other.part && one.at < other.at);

type Kept = { lines: number; bytes: number };

/**
 * Where in `parts`, drawn after the text `base`, one may begin so that the last `lines` lines and all modes are the same,
 * and what must be set before it. At least `bytes` bytes are kept. Null when it cannot be told without drawing, or when
 * that is all there is.
 */
export function scrolledAway(base: string, parts: Uint8Array[], { lines, bytes }: Kept) {
  if (!isHarmless(base.replaceAll(DRAWN, ""))) return null;
  const buffers = parts.map((part) => Buffer.from(part.buffer, part.byteOffset, part.length));
  const end: Place = { part: buffers.length - 1, at: buffers.at(-1)?.length ?? 0 };
  // The oldest line may begin anywhere, so it is one more than is seen.
  const byLines = lineBefore(buffers, end, lines + 1);
  const byBytes = byLines && bytesBefore(buffers, bytes);
  const found = byBytes && isEarlier(byBytes, byLines) ? lineBefore(buffers, byBytes, 1) : byBytes && byLines;
  if (!found || buffers.some((buffer) => SHIFTS.some((shift) => buffer.includes(shift)))) return null;
  const hasSequences = buffers.some((buffer) => BEGINS.some((byte) => buffer.includes(byte)));
  if (hasSequences && !isHarmless(textOf(buffers))) return null;
  const gone = buffers
    .slice(0, found.part + 1)
    .map((buffer, part) => (part === found.part ? buffer.subarray(0, found.at) : buffer));
  const settings = settingsOf(base + (hasSequences ? textOf(gone) : ""));
  return settings.length > MOST_SETTINGS ? null : { ...found, settings };
}
