// One open terminal: a shell, the record of its screen, and the viewers who look at it. Output goes to each viewer as fast
// as that viewer draws it; the shell waits for the quickest of them (pace.ts), and the others catch up with a drawing of the screen.
import { setTimeout as after } from "node:timers/promises";
import type { TerminalChannel } from "@/lib/clusters/run";
import { drawScreen } from "@/lib/terminals/draw-screen";
import { makePace, type Pace, type Progress } from "@/lib/terminals/pace";
import { makeReplay, type Replay } from "@/lib/terminals/replay";
import type { ScreenSize, ToViewer } from "@/lib/terminals/schema";

/** Bytes on their way to a viewer that it has not drawn yet: what Ctrl-C has to wait for. */
const WINDOW_BYTES = 256 * 1024;
/** Input that the shell has not taken. More is somebody who does not wait for answers: the page keeps to a quarter of it. */
const MOST_INPUT_BYTES = 1024 * 1024;
/** Each size lays out all lines anew, in the program, here and on every screen: a window that is pulled at gives many. */
const RESIZE_MS = 100;
/** A viewer keeps what it typed until it hears that it arrived: soon is enough, and a message for each key is not. */
const CONFIRM_MS = 100;
/** A shell that writes such pieces is not echoing keys: what follows within moments may go together. */
const FLOOD_PIECE_BYTES = 2048;
const FLOOD_GATHER_MS = 2;
const MOST_GATHERED_BYTES = 32 * 1024;
const MOST_VIEWERS = 8;
const MOST_TYPISTS = 64;

export type Viewer = {
  /** Its own random name, the same after a reconnect. */
  id: string;
  send: (bytes: Uint8Array) => void;
  /** A promise where it takes a while to leave: a drawing is large, and the next one need not wait behind it. */
  tell: (message: ToViewer) => void | Promise<void>;
};

/** A viewer in its place. */
export type Seat = {
  /** Bytes typed, numbered by the viewer; a number seen before is not typed again. False when too much waits. */
  type: (number: number, bytes: Uint8Array) => boolean;
  drawn: (seq: number) => void;
  resize: (size: ScreenSize) => void;
  leave: () => void;
};

export type OpenTerminal = {
  /** Null when there are too many viewers. */
  attach: (viewer: Viewer, from: { epoch: string | null; after: number | null; size: ScreenSize }) => Seat | null;
  viewers: () => number;
  hangUp: () => void;
  heldBytes: () => number;
};

export type TerminalOptions = {
  channel: TerminalChannel;
  size: ScreenSize;
  scrollback: number;
  /** Names this opening of the shell: byte numbers of another mean nothing. */
  epoch: string;
  /** Text that belongs above the first output: what was there before a restart. */
  before?: string;
  /** What holds the shell answers its program, and viewers do not. */
  isAnswered?: boolean;
  /** Somebody typed, came or went. */
  onActivity: () => void;
  /** For tests. */
  draw?: typeof drawScreen;
};

type Place = Progress & {
  viewer: Viewer;
  size: ScreenSize;
  isConfirming: boolean;
};
type State = {
  options: TerminalOptions;
  replay: Replay;
  /** Who was active last comes last. */
  places: Set<Place>;
  size: ScreenSize;
  /** The size that it will have, when the last change is RESIZE_MS ago. */
  wanted: ScreenSize;
  resizing: Promise<void> | null;
  /** What was typed for a size that the shell does not have yet comes behind it, and what is typed then behind that. */
  inputWaits: Promise<void> | null;
  /** The number of each viewer's last piece that came, and of the last that the shell has taken. */
  came: Map<string, number>;
  typed: Map<string, number>;
  waitingInput: number;
  /** Output of this turn of the event loop has been sent; more of it is sent together. */
  isGathering: boolean;
  /** What has come since the last was sent. */
  gathered: number;
  pace: Pace;
};

/** Sends a place what it may get now; redraws its screen when what it needs is no longer held. */
function serve(state: State, place: Place): void {
  if (place.isCatchingUp) return;
  const room = WINDOW_BYTES - (place.sentTo - place.drawnTo);
  if (room <= 0 || place.sentTo === state.replay.seq()) return;
  const parts = state.replay.since(place.sentTo);
  if (!parts) return void redraw(state, place);
  if (place.sentTo === place.drawnTo) place.movedAt = performance.now();
  let left = room;
  for (const part of parts) {
    const piece = part.subarray(0, left);
    if (piece.length > 0) place.viewer.send(piece);
    place.sentTo += piece.length;
    left -= piece.length;
    if (left <= 0) break;
  }
}

function serveAll(state: State): void {
  state.gathered = 0;
  for (const place of state.places) serve(state, place);
  state.pace.regulate();
}

/** The first piece of output goes at once, as a key's echo must; what comes with it, or of a flood soon after, goes as one. */
function gather(state: State, firstBytes: number): void {
  state.isGathering = true;
  serveAll(state);
  const rest = () => {
    state.isGathering = false;
    serveAll(state);
  };
  if (firstBytes < FLOOD_PIECE_BYTES) setImmediate(rest);
  else setTimeout(rest, FLOOD_GATHER_MS);
}

async function redraw(state: State, place: Place): Promise<void> {
  Object.assign(place, { isCatchingUp: true, movedAt: performance.now() });
  const { epoch, isAnswered = false } = state.options;
  // Nothing could draw it: an empty screen that goes on is better than one that stands still.
  const nothing = () => ({ screen: "", seq: state.replay.seq(), size: state.size });
  const { screen, seq, size } = await state.replay.screen().catch(nothing);
  if (!state.places.has(place)) return;
  const typed = state.typed.get(place.viewer.id) ?? 0;
  const isOnItsWay = place.viewer.tell({ type: "screen", epoch, seq, typed, screen, size, isAnswered });
  // It may have changed while this was drawn, and was told too early then.
  if (!isSame(size, state.size)) void place.viewer.tell({ type: "size", size: state.size });
  Object.assign(place, { sentTo: seq, drawnTo: seq });
  await isOnItsWay;
  place.isCatchingUp = false;
  if (!state.places.has(place)) return;
  serve(state, place);
  state.pace.regulate();
}

const isSame = (one: ScreenSize, other: ScreenSize): boolean => one.cols === other.cols && one.rows === other.rows;

/** Tells everybody, also whose wish it is: another's size may be on that screen still. */
function takeWanted(state: State): void {
  const size = state.wanted;
  Object.assign(state, { resizing: null, inputWaits: null });
  if (isSame(state.size, size)) return;
  state.resizing = after(RESIZE_MS, undefined, { ref: false }).then(() => takeWanted(state));
  state.size = size;
  state.options.channel.resize(size);
  state.replay.resize(size);
  for (const { viewer } of state.places) void viewer.tell({ type: "size", size });
}

/** The first of many at once, the last in any case. */
function resizeTo(state: State, size: ScreenSize): void {
  state.wanted = size;
  if (!state.resizing) takeWanted(state);
}

/** The screen is as large as that of whoever was active last. */
function noteActive(state: State, place: Place): void {
  if (!state.places.delete(place)) return;
  state.places.add(place);
  resizeTo(state, place.size);
}

/** Nobody is left at the size of who went. */
function leave(state: State, place: Place): void {
  if (!state.places.delete(place)) return;
  const last = [...state.places].at(-1);
  if (last) resizeTo(state, last.size);
  state.options.onActivity();
  state.pace.regulate();
}

function confirmSoon({ places, typed }: State, place: Place): void {
  if (place.isConfirming) return;
  place.isConfirming = true;
  setTimeout(() => {
    place.isConfirming = false;
    if (places.has(place)) void place.viewer.tell({ type: "typed", typed: typed.get(place.viewer.id) ?? 0 });
  }, CONFIRM_MS).unref();
}

function note(numbers: Map<string, number>, id: string, number: number): void {
  // Set again, so that the Map keeps those who typed last.
  numbers.delete(id);
  numbers.set(id, number);
  for (const [oldest] of numbers) if (numbers.size > MOST_TYPISTS) numbers.delete(oldest);
}

function type(state: State, place: Place, input: { number: number; bytes: Uint8Array }): boolean {
  const { came, typed, options } = state;
  const { id } = place.viewer;
  if (input.number <= (came.get(id) ?? 0)) return true;
  if (state.waitingInput + input.bytes.length > MOST_INPUT_BYTES) return false;
  note(came, id, input.number);
  state.waitingInput += input.bytes.length;
  noteActive(state, place);
  options.onActivity();
  if (!isSame(state.size, state.wanted)) state.inputWaits ??= state.resizing;
  const write = () => options.channel.write(input.bytes);
  void (state.inputWaits?.then(write) ?? write()).finally(() => {
    state.waitingInput -= input.bytes.length;
    // Not what else came: its viewer would send more, of which nothing is taken either.
    note(typed, id, input.number);
    // Its viewer may have left meanwhile, and be back in another place.
    for (const each of state.places) if (each.viewer.id === id) confirmSoon(state, each);
  });
  return true;
}

function resume(state: State, place: Place, after: number): void {
  const { epoch, isAnswered = false } = state.options;
  Object.assign(place, { sentTo: after, drawnTo: after });
  const typed = state.typed.get(place.viewer.id) ?? 0;
  void place.viewer.tell({ type: "resume", epoch, seq: after, typed, size: state.size, isAnswered });
  serve(state, place);
  state.pace.regulate();
}

function attach(state: State, viewer: Viewer, from: Parameters<OpenTerminal["attach"]>[1]): Seat | null {
  if (state.places.size >= MOST_VIEWERS) return null;
  const { options, replay, places } = state;
  const isNew = { sentTo: 0, drawnTo: 0, movedAt: performance.now(), isCatchingUp: false, isConfirming: false };
  const place: Place = { viewer, size: from.size, ...isNew };
  // Before it is one of them: what it gets first says the size.
  resizeTo(state, from.size);
  places.add(place);
  options.onActivity();
  const known = from.epoch === options.epoch && from.after !== null && replay.since(from.after) !== null;
  if (known && from.after !== null) resume(state, place, from.after);
  else void redraw(state, place);
  return {
    type: (number, bytes) => type(state, place, { number, bytes }),
    drawn: (seq) => {
      if (seq > place.drawnTo && seq <= place.sentTo)
        Object.assign(place, { drawnTo: seq, movedAt: performance.now() });
      serve(state, place);
      state.pace.regulate();
    },
    resize: (size) => {
      place.size = size;
      noteActive(state, place);
    },
    leave: () => leave(state, place),
  };
}

/** Takes over `channel`; its output is read from now on, whether anybody looks or not. */
export function openTerminal(options: TerminalOptions): OpenTerminal {
  const { channel, size, scrollback, before, draw = drawScreen } = options;
  const replay = makeReplay({ draw, scrollback, size });
  const places = new Set<Place>();
  const state: State = {
    ...{
      options,
      replay,
      places,
      size,
      wanted: size,
      resizing: null,
      inputWaits: null,
      came: new Map(),
      typed: new Map(),
    },
    ...{ waitingInput: 0, isGathering: false, gathered: 0 },
    pace: makePace({ output: channel.output, places, seq: replay.seq }),
  };
  if (before) replay.append(new TextEncoder().encode(before));
  channel.output.on("data", (bytes: Buffer) => {
    replay.append(bytes);
    state.pace.wrote(bytes.length);
    state.gathered += bytes.length;
    if (!state.isGathering) gather(state, bytes.length);
    // However late the timer is: the shell is made to wait in time.
    else if (state.gathered >= MOST_GATHERED_BYTES) serveAll(state);
  });
  channel.output.on("error", () => {});
  return {
    attach: (viewer, from) => attach(state, viewer, from),
    viewers: () => state.places.size,
    hangUp: () => channel.hangUp(),
    heldBytes: () => replay.heldBytes(),
  };
}
