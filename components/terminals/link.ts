// A viewer's end of a terminal: a socket that comes back by itself, shows every byte of output once and in order, and types
// every key once. Knows nothing of React or xterm. The other end is lib/terminals/serve-terminal.ts.
import type { FromViewer, ScreenSize, ToViewer } from "@/lib/terminals/schema";

export type LinkStatus =
  | { kind: "connecting" }
  | { kind: "open" }
  /**
   * Not there now; the next try is at this time (milliseconds since 1970). `detail` is what the portal waits for, null when
   * the connection to the portal itself is lost.
   */
  | { kind: "waiting"; retryAt: number; detail: string | null }
  | { kind: "ended"; detail: string }
  /** It cannot be shown here; trying again by itself would not help, but retry() may. */
  | { kind: "refused"; reason: "login" | "missing" | "too-many" | "failed"; detail: string };

export type LinkOptions = {
  url: string;
  /** A new one-time ticket for each connection. */
  ticket: () => Promise<string>;
  size: ScreenSize;
  /** Bytes of output; `drawn` is to be called when they are on the screen. */
  onOutput: (bytes: Uint8Array, drawn: () => void) => void;
  /** Clear the screen and draw this text, answering nothing that it asks. */
  onScreen: (screen: string, size: ScreenSize, drawn: () => void) => void;
  /** The size of the screen, which may be another window's. */
  onSize: (size: ScreenSize) => void;
  onStatus: (status: LinkStatus) => void;
};

export type Link = {
  type: (bytes: Uint8Array) => void;
  resize: (size: ScreenSize) => void;
  /** Tries at once instead of when the wait is over, and once more after a refusal. */
  retry: () => void;
  close: () => void;
};

const PIECE_BYTES = 16 * 1024;
const TELL_DRAWN_BYTES = 64 * 1024;
const TELL_DRAWN_MS = 50;
const PING_MS = 15_000;
const PONG_MS = 10_000;
const LONGEST_WAIT_MS = 10_000;
/** What may be typed while the connection is away; more would surprise when it comes back. */
const MOST_WAITING_BYTES = 64 * 1024;

type Typed = { number: number; bytes: Uint8Array };
type State = {
  options: LinkOptions;
  viewer: string;
  socket: WebSocket | null;
  phase: "connecting" | "attached" | "waiting" | "refused" | "closed";
  epoch: string | null;
  received: number;
  drawn: number;
  toldDrawn: number;
  lastNumber: number;
  waiting: Typed[];
  tries: number;
  timers: { retry?: Timer; drawn?: Timer; ping?: Timer; pong?: Timer };
};
type Timer = ReturnType<typeof setTimeout>;

const randomName = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

function tell({ socket }: State, message: FromViewer): void {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
}

function tellDrawn(state: State): void {
  clearTimeout(state.timers.drawn);
  state.timers.drawn = undefined;
  if (state.drawn === state.toldDrawn || state.phase !== "attached") return;
  state.toldDrawn = state.drawn;
  tell(state, { type: "drawn", seq: state.drawn });
}

/** `seq` is on the screen now. Told in steps, so that a fast stream is not answered byte by byte. */
function noteDrawn(state: State, epoch: string | null, seq: number): void {
  if (epoch !== state.epoch || seq <= state.drawn) return;
  state.drawn = seq;
  if (seq - state.toldDrawn >= TELL_DRAWN_BYTES) tellDrawn(state);
  else state.timers.drawn ??= setTimeout(() => tellDrawn(state), TELL_DRAWN_MS);
}

function sendInput({ socket }: State, { number, bytes }: Typed): void {
  const frame = new Uint8Array(4 + bytes.length);
  new DataView(frame.buffer).setUint32(0, number);
  frame.set(bytes, 4);
  socket?.send(frame);
}

/** The portal has typed everything up to `number`; what is left of ours is sent again, and only that. */
function settle(state: State, number: number): void {
  state.waiting = state.waiting.filter((piece) => piece.number > number);
}

function attached(state: State, message: Extract<ToViewer, { type: "resume" | "screen" }>): void {
  const isSame = state.epoch === message.epoch;
  // Another shell, or the same one seen by a new process: nobody knows what of the old keys arrived, so none is repeated.
  if (state.epoch !== null && !isSame) state.waiting = [];
  settle(state, message.typed);
  Object.assign(state, { epoch: message.epoch, received: message.seq, drawn: message.seq, toldDrawn: message.seq });
  state.phase = "attached";
  state.tries = 0;
  for (const piece of state.waiting) sendInput(state, piece);
  state.options.onStatus({ kind: "open" });
}

type Hearing = { [Type in ToViewer["type"]]: (state: State, message: Extract<ToViewer, { type: Type }>) => void };

const hearing: Hearing = {
  resume: (state, message) => {
    state.options.onSize(message.size);
    attached(state, message);
  },
  screen: (state, message) => {
    state.options.onScreen(message.screen, message.size, () => {});
    attached(state, message);
  },
  typed: (state, { typed }) => settle(state, typed),
  size: ({ options }, { size }) => options.onSize(size),
  pong: ({ timers }) => clearTimeout(timers.pong),
  ended: (state, { detail }) => {
    letGo(state, "closed");
    state.options.onStatus({ kind: "ended", detail });
  },
  wait: (state, { detail }) => pause(state, detail),
  failed: (state, { detail }) => refuse(state, "failed", detail),
};

function hear(state: State, message: ToViewer): void {
  // Each handler takes the message of its own name.
  const handle = hearing[message.type] as ((state: State, message: ToViewer) => void) | undefined;
  handle?.(state, message);
}

function hearBytes(state: State, bytes: Uint8Array): void {
  state.received += bytes.length;
  const { epoch, received } = state;
  state.options.onOutput(bytes, () => noteDrawn(state, epoch, received));
}

type Refusal = Extract<LinkStatus, { kind: "refused" }>["reason"];
const refusals: Record<number, Refusal> = { 4401: "login", 4404: "missing", 4429: "too-many" };

function lost(state: State, code: number, detail: string): void {
  if (state.phase === "closed") return;
  const reason = refusals[code];
  if (reason) refuse(state, reason, detail);
  else pause(state, null);
}

function refuse(state: State, reason: Refusal, detail: string): void {
  letGo(state, "refused");
  // Who comes back to it much later does not expect these keys any more.
  state.waiting = [];
  state.options.onStatus({ kind: "refused", reason, detail });
}

/** Comes back after a while that grows with every try. */
function pause(state: State, detail: string | null): void {
  letGo(state, "waiting");
  const base = Math.min(LONGEST_WAIT_MS, 250 * 2 ** state.tries);
  state.tries += 1;
  // Apart from each other: after a restart of the portal everybody comes back.
  const wait = base * (0.5 + Math.random() / 2);
  state.options.onStatus({ kind: "waiting", retryAt: Date.now() + wait, detail });
  state.timers.retry = setTimeout(() => void connect(state), wait);
}

function clearTimers(state: State): void {
  for (const timer of Object.values(state.timers)) clearTimeout(timer);
  state.timers = {};
}

function letGo(state: State, phase: "waiting" | "refused" | "closed"): void {
  state.phase = phase;
  clearTimers(state);
  const { socket } = state;
  state.socket = null;
  socket?.close(1000);
}

/** A half-open connection says nothing: a question without an answer finds it. */
function keepAlive(state: State, socket: WebSocket): void {
  state.timers.ping = setTimeout(() => {
    tell(state, { type: "ping" });
    clearTimeout(state.timers.pong);
    state.timers.pong = setTimeout(() => socket.close(4000), PONG_MS);
    keepAlive(state, socket);
  }, PING_MS);
}

async function connect(state: State): Promise<void> {
  clearTimers(state);
  state.phase = "connecting";
  const { options } = state;
  options.onStatus({ kind: "connecting" });
  const ticket = await options.ticket().catch((error: { code?: string; message: string }) => {
    if (error.code === "not_found") lost(state, 4404, error.message);
    else lost(state, error.code === "unauthenticated" ? 4401 : 1006, error.message);
    return null;
  });
  if (ticket === null || state.phase !== "connecting") return;
  const socket = new WebSocket(options.url);
  socket.binaryType = "arraybuffer";
  state.socket = socket;
  socket.onopen = () => {
    const { viewer, epoch, received } = state;
    const after = epoch === null ? null : received;
    tell(state, { type: "attach", ticket, viewer, after, epoch, ...options.size });
    keepAlive(state, socket);
  };
  socket.onmessage = ({ data }) => {
    if (socket !== state.socket) return;
    // Our own server's words, in the shape of ToViewer.
    if (typeof data === "string") hear(state, JSON.parse(data) as ToViewer);
    else hearBytes(state, new Uint8Array(data));
  };
  socket.onclose = ({ code, reason }) => socket === state.socket && lost(state, code, reason);
}

function type(state: State, bytes: Uint8Array): void {
  const held = state.waiting.reduce((sum, piece) => sum + piece.bytes.length, 0);
  if (state.phase === "refused" || state.phase === "closed") return;
  const isAttached = state.phase === "attached";
  if (!isAttached && held + bytes.length > MOST_WAITING_BYTES) return;
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    state.lastNumber += 1;
    const piece = { number: state.lastNumber, bytes: bytes.slice(at, at + PIECE_BYTES) };
    state.waiting.push(piece);
    if (isAttached) sendInput(state, piece);
  }
}

/** Connects, and stays connected until close(). */
export function openLink(options: LinkOptions): Link {
  const fresh = { socket: null, phase: "connecting" as const, epoch: null, lastNumber: 0, tries: 0 };
  const counts = { received: 0, drawn: 0, toldDrawn: 0 };
  const state: State = { options, viewer: randomName(), ...fresh, ...counts, waiting: [], timers: {} };
  void connect(state);
  return {
    type: (bytes) => type(state, bytes),
    resize: (size) => {
      state.options = { ...state.options, size };
      if (state.phase === "attached") tell(state, { type: "resize", ...size });
    },
    retry: () => {
      if (state.phase === "waiting" || state.phase === "refused") void connect(state);
    },
    close: () => letGo(state, "closed"),
  };
}
