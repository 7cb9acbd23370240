// What a terminal's screen was made of, within a fixed bound: text that draws the screen as it was at some byte of the
// output (the base), and every byte since. Output is numbered by its bytes, so a viewer says how far it got.
import { safeLength, sequencesOf } from "@/lib/terminals/cut";
import type { Drawing } from "@/lib/terminals/draw-screen";
import type { ScreenSize } from "@/lib/terminals/schema";
import type { ScreenStep } from "@/lib/terminals/screen-worker";
import { scrolledAway } from "@/lib/terminals/scrolled-away";

/** From here on what has scrolled away is let go, or, where that cannot be told, turned into a base. */
const TRIM_BYTES = 512 * 1024;
/** So much stays byte for byte: more than any viewer has on its way. */
const KEEP_BYTES = 256 * 1024;
/** More than this is never held: a flood that outruns the drawing loses text that had scrolled away. */
const MOST_BYTES = 1024 * 1024;
/** So many sizes are drawn at once: each lays out every line anew, and nobody's screen is drawn meanwhile. */
const MOST_SIZES = 8;
/** A piece begins with what an idle shell needs and grows to this, so that a flood is few pieces and a key's echo none. */
const SMALLEST_PIECE_BYTES = 1024;
const LARGEST_PIECE_BYTES = 64 * 1024;

/** `room` is where the bytes of its step are, and what comes next. */
type Piece = { seq: number; step: ScreenStep; room?: Buffer };

export type Replay = {
  /** Bytes of output there ever were. */
  seq: () => number;
  append: (bytes: Uint8Array) => void;
  resize: (size: ScreenSize) => void;
  /** Output from byte `seq` on, or null when it is no longer held byte by byte. */
  since: (seq: number) => Uint8Array[] | null;
  /** Text that draws the screen as it is now, for a terminal of `size`. */
  screen: () => Promise<{ screen: string; seq: number; size: ScreenSize }>;
  heldBytes: () => number;
};

type State = {
  draw: (drawing: Drawing) => Promise<string>;
  scrollback: number;
  base: string;
  /** Of the base. */
  size: ScreenSize;
  now: ScreenSize;
  pieces: Piece[];
  /** Where the pieces begin byte for byte; before that some may have been thinned out. */
  wholeFrom: number;
  seq: number;
  held: number;
  /** More sizes than this are drawn. */
  mostSizes: number;
  drawing: Promise<void> | null;
  /** So many pieces at the front are being drawn: they stay what and where they are. */
  inDrawing: number;
};

/** What it takes in memory: a size, or a byte, is an object all the same. */
const costOf = ({ step, room }: Piece): number =>
  Math.max(SMALLEST_PIECE_BYTES, room?.length ?? ("bytes" in step ? step.bytes.length : 0));

const heldBy = (pieces: Piece[]): number => pieces.reduce((sum, piece) => sum + costOf(piece), 0);

const sizesIn = (pieces: Piece[]): number => pieces.filter(({ step }) => "cols" in step).length;

function lastSize(pieces: Piece[], before: ScreenSize): ScreenSize {
  const resized = pieces.map(({ step }) => step).findLast((step) => "cols" in step);
  return resized && "cols" in resized ? { cols: resized.cols, rows: resized.rows } : before;
}

/** The newest bytes: as many as one looks at to see where they may be cut. */
function tailOf(pieces: Piece[]): Buffer {
  const parts: Uint8Array[] = [];
  let length = 0;
  for (const { step } of pieces.toReversed()) {
    if (length >= LARGEST_PIECE_BYTES) break;
    if (!("bytes" in step)) continue;
    parts.unshift(step.bytes);
    length += step.bytes.length;
  }
  return Buffer.concat(parts);
}

/** The pieces as one run of steps, with the unfinished sequence at their end split off; it may reach over several, and sizes. */
function splitSafely(pieces: Piece[]): { whole: Piece[]; rest: Piece[] } {
  const tail = tailOf(pieces);
  let left = tail.length - safeLength(tail);
  const [whole, rest]: [Piece[], Piece[]] = [[], []];
  for (const piece of pieces.toReversed()) {
    const { seq, step } = piece;
    if (left === 0 || !("bytes" in step)) {
      whole.unshift(piece);
      continue;
    }
    const cut = Math.max(0, step.bytes.length - left);
    left -= step.bytes.length - cut;
    rest.unshift({ seq: seq + cut, step: { bytes: step.bytes.subarray(cut) } });
    if (cut > 0) whole.unshift({ seq, step: { bytes: step.bytes.subarray(0, cut) } });
  }
  return { whole, rest };
}

/** Moves everything that can be cut off into the base. */
async function drawBase(state: State): Promise<void> {
  const { whole, rest } = splitSafely(state.pieces);
  const count = state.pieces.length;
  if (whole.length === 0) return;
  state.inDrawing = count;
  const { base, size, scrollback } = state;
  const drawn = await state.draw({ base, size, steps: whole.map(({ step }) => step), scrollback });
  // More may have come meanwhile, behind what was drawn; nothing else touches the front.
  state.pieces = [...rest, ...state.pieces.slice(count)];
  state.base = drawn;
  state.mostSizes = MOST_SIZES;
  state.size = lastSize(whole, size);
  state.wholeFrom = Math.max(state.wholeFrom, state.pieces[0]?.seq ?? state.seq);
  state.held = heldBy(state.pieces);
}

function startDrawing(state: State): Promise<void> {
  state.drawing ??= drawBase(state)
    .catch(() => {
      // The worker died. What is held is still held, and thinned out when it grows too much; the next time may do better.
    })
    .finally(() => {
      state.drawing = null;
      state.inDrawing = 0;
    });
  return state.drawing;
}

/** Also without sizes at which nothing was drawn before the next. */
const withoutEmpty = (pieces: Piece[]): Piece[] =>
  pieces
    .filter(({ step }) => !("bytes" in step) || step.bytes.length > 0)
    .filter(({ step }, at, all) => "bytes" in step || !("cols" in (all[at + 1]?.step ?? {})));

/** Leaves out the text of all but the newest piece, when drawing cannot keep up; if that is not enough, everything older. */
function thinOut(state: State): void {
  const { pieces, inDrawing } = state;
  const last = pieces.at(-1);
  const free = pieces.slice(inDrawing, -1);
  const thin = (keep: (bytes: Uint8Array) => Uint8Array) =>
    withoutEmpty(free.map(({ seq, step }) => ({ seq, step: "bytes" in step ? { bytes: keep(step.bytes) } : step })));
  const sequences = thin(sequencesOf);
  const kept = heldBy(sequences) > MOST_BYTES / 2 ? thin(() => new Uint8Array()) : sequences;
  state.pieces = [...pieces.slice(0, inDrawing), ...kept, ...pieces.slice(Math.max(inDrawing, pieces.length - 1))];
  state.wholeFrom = last?.seq ?? state.seq;
  state.held = heldBy(state.pieces);
}

/** Drops what has scrolled off the screen and out of what is kept above it. */
function dropScrolledAway(state: State): void {
  const { whole, rest } = splitSafely(state.pieces);
  const parts = whole.map(({ step }) => ("bytes" in step ? step.bytes : new Uint8Array()));
  const lines = state.scrollback + Math.max(state.now.rows, state.size.rows);
  const found = scrolledAway(state.base, parts, { lines, bytes: KEEP_BYTES });
  const first = found && whole[found.part];
  if (!found || !first || !("bytes" in first.step)) return;
  const cut: Piece = { seq: first.seq + found.at, step: { bytes: first.step.bytes.subarray(found.at) } };
  state.size = lastSize(whole.slice(0, found.part), state.size);
  state.base = found.settings;
  state.pieces = [cut, ...whole.slice(found.part + 1), ...rest];
  state.wholeFrom = Math.max(state.wholeFrom, cut.seq);
  state.held = heldBy(state.pieces);
}

/** The last piece while it can take more: nobody draws it and it has room, or may have. */
function openPiece({ pieces, inDrawing }: State): Piece | null {
  const last = pieces.at(-1);
  if (!last?.room || !("bytes" in last.step) || pieces.length <= inDrawing) return null;
  return last.step.bytes.length < LARGEST_PIECE_BYTES ? last : null;
}

/** `used` bytes of `room` in one that holds `wanted`. What was given away of the old one stays as it is. */
function withRoom(room: Buffer | undefined, used: number, wanted: number): Buffer {
  if (room && room.length >= wanted) return room;
  const size = Math.min(LARGEST_PIECE_BYTES, Math.max(SMALLEST_PIECE_BYTES, wanted, 4 * used));
  const larger = Buffer.allocUnsafeSlow(size);
  room?.copy(larger, 0, 0, used);
  return larger;
}

function addBytes(state: State, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) {
    const open = openPiece(state);
    const used = open && "bytes" in open.step ? open.step.bytes.length : 0;
    const taken = Math.min(bytes.length - at, LARGEST_PIECE_BYTES - used);
    const room = withRoom(open?.room, used, used + taken);
    room.set(bytes.subarray(at, at + taken), used);
    const step = { bytes: room.subarray(0, used + taken) };
    const before = open ? costOf(open) : 0;
    const piece = Object.assign(open ?? { seq: state.seq }, { step, room });
    if (!open) state.pieces.push(piece);
    state.seq += taken;
    state.held += costOf(piece) - before;
    at += taken;
  }
}

function append(state: State, bytes: Uint8Array): void {
  addBytes(state, bytes);
  if (!state.drawing && sizesIn(state.pieces) > state.mostSizes) {
    // Not again for each byte, where it fails.
    state.mostSizes += MOST_SIZES;
    void startDrawing(state);
  }
  if (state.held > TRIM_BYTES && !state.drawing) {
    dropScrolledAway(state);
    // Long lines, or a program that moves about: only a drawing is smaller.
    if (state.held > TRIM_BYTES - KEEP_BYTES / 2) void startDrawing(state);
  }
  if (state.held > MOST_BYTES) thinOut(state);
}

function since(state: State, seq: number): Uint8Array[] | null {
  if (seq < state.wholeFrom || seq > state.seq) return null;
  const parts: Uint8Array[] = [];
  for (const { seq: from, step } of state.pieces.toReversed()) {
    if (!("bytes" in step)) continue;
    if (from + step.bytes.length <= seq) break;
    parts.push(step.bytes.subarray(Math.max(0, seq - from)));
  }
  return parts.reverse();
}

async function screen(state: State): Promise<{ screen: string; seq: number; size: ScreenSize }> {
  if (state.seq === 0) return { screen: "", seq: 0, size: state.now };
  await state.drawing;
  const { base, size, scrollback, pieces, seq, now } = state;
  const { whole, rest } = splitSafely(pieces);
  const drawn = await state.draw({ base, size, steps: whole.map(({ step }) => step), scrollback });
  return { screen: drawn, seq: rest[0]?.seq ?? seq, size: now };
}

/** An empty record of a terminal of `size`. `draw` is drawScreen(), or what a test gives. */
export function makeReplay(options: Pick<State, "draw" | "scrollback"> & { size: ScreenSize }): Replay {
  const { draw, scrollback, size } = options;
  const empty = {
    base: "",
    pieces: [],
    wholeFrom: 0,
    seq: 0,
    held: 0,
    mostSizes: MOST_SIZES,
    drawing: null,
    inDrawing: 0,
  };
  const state: State = { draw, scrollback, size, now: size, ...empty };
  return {
    seq: () => state.seq,
    append: (bytes) => append(state, bytes),
    resize: (to) => {
      state.now = to;
      const last = state.pieces.at(-1);
      // Nothing was drawn at the size before it: a window that is pulled at is one piece.
      if (last && "cols" in last.step && state.pieces.length > state.inDrawing) last.step = to;
      else {
        state.pieces.push({ seq: state.seq, step: to });
        state.held += SMALLEST_PIECE_BYTES;
      }
    },
    since: (seq) => since(state, seq),
    screen: () => screen(state),
    heldBytes: () => state.held + state.base.length,
  };
}
