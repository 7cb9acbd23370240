// A viewer's end of a terminal: a socket that comes back by itself, shows every byte of output once and in order, and types
// every key once. Knows nothing of React or xterm. The other end is lib/terminals/serve-terminal.ts.
import { makeTyped, type Typed } from "@/components/terminals/typed";
import type { FromViewer, ScreenSize, ToViewer } from "@/lib/terminals/schema";

export type LinkStatus =
  | { kind: "connecting" }
  | { kind: "open"; isAnswered: boolean }
  /**
   * Not there now; the next try is at this time (milliseconds since 1970). `detail` is what the portal waits for, null when
   * the connection to the portal itself is lost.
   */
  | { kind: "waiting"; retryAt: number; detail: string | null }
  | { kind: "ended"; detail: string }
  /** It cannot be shown here; trying again by itself would not help, but retry() may. */
  | { kind: "refused"; reason: "login" | "missing" | "too-many" | "failed"; detail: string };

export type LinkOptions = {
  /** Begins a connection to the terminal's socket. */
  socket: () => WebSocket;
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
  /** Something that was typed is not sent, or nobody knows whether it arrived. Called once for a lost connection. */
  onLost: () => void;
};

export type Link = {
  type: (bytes: Uint8Array) => void;
  resize: (size: ScreenSize) => void;
  /** Tries at once instead of when the wait is over, and once more after a refusal; asks whether an open one still is. */
  retry: () => void;
  close: () => void;
};

const TELL_DRAWN_BYTES = 64 * 1024;
const TELL_DRAWN_MS = 50;
const PING_MS = 15_000;
const PONG_MS = 10_000;
/** The same when something speaks for a lost connection: the network came back, or the page was out of sight. */
const PONG_SOON_MS = 2000;
/** For a ticket and the handshake; then it may take a while until the shell is open. */
const CONNECT_MS = 10_000;
const LONGEST_WAIT_MS = 10_000;

type State = {
  options: LinkOptions;
  viewer: string;
  socket: WebSocket | null;
  phase: "connecting" | "attached" | "waiting" | "refused" | "closed";
  /** What the portal knows of `options.size` on this connection. */
  toldSize: ScreenSize | null;
  epoch: string | null;
  received: number;
  drawn: number;
  toldDrawn: number;
  typed: Typed;
  tries: number;
  /** Connections begun so far: what belongs to an earlier one is too late. */
  attempt: number;
  timers: { retry?: Timer; drawn?: Timer; ping?: Timer; pong?: Timer; connect?: Timer };
};
type Timer = ReturnType<typeof setTimeout>;

const randomName = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

function tell({ socket }: State, message: FromViewer): void {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
}

function tellSize(state: State): void {
  state.toldSize = state.options.size;
  tell(state, { type: "resize", ...state.options.size });
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

function attached(state: State, message: Extract<ToViewer, { type: "resume" | "screen" }>): void {
  const isSame = state.epoch === message.epoch;
  // Another shell, or the same one seen by a new process: nobody knows what of the old keys arrived, so none is repeated.
  if (state.epoch !== null && !isSame) state.typed.forget();
  state.typed.settle(message.typed);
  Object.assign(state, { epoch: message.epoch, received: message.seq, drawn: message.seq, toldDrawn: message.seq });
  state.phase = "attached";
  state.tries = 0;
  // A window that was made larger while the shell opened.
  if (state.toldSize !== state.options.size) tellSize(state);
  state.typed.connect((frame) => state.socket?.send(frame));
  state.options.onStatus({ kind: "open", isAnswered: message.isAnswered });
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
  typed: (state, { typed }) => state.typed.settle(typed),
  size: ({ options }, { size }) => options.onSize(size),
  // That it was heard is all it says.
  pong: () => {},
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
  state.typed.forget();
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
  state.typed.disconnect();
  clearTimers(state);
  const { socket } = state;
  state.socket = null;
  socket?.close(1000);
}

/** Asks whether the other end is there. Without an answer it is not: its goodbye would come late, or never. */
function probe(state: State, withinMs: number): void {
  tell(state, { type: "ping" });
  clearTimeout(state.timers.pong);
  state.timers.pong = setTimeout(() => pause(state, null), withinMs);
}

/** A half-open connection says nothing: a question without an answer finds it. */
function keepAlive(state: State): void {
  state.timers.ping = setTimeout(() => {
    probe(state, PONG_MS);
    keepAlive(state);
  }, PING_MS);
}

/** A one-time ticket for this attempt, or null when there is none, or it came too late. */
async function takeTicket(state: State, attempt: number): Promise<string | null> {
  const isCurrent = () => attempt === state.attempt && state.phase === "connecting";
  try {
    const ticket = await state.options.ticket();
    return isCurrent() ? ticket : null;
  } catch (thrown) {
    // What the API's client throws.
    const { code, message } = thrown as { code?: string; message: string };
    if (isCurrent()) lost(state, code === "not_found" ? 4404 : code === "unauthenticated" ? 4401 : 1006, message);
    return null;
  }
}

function listen(state: State, socket: WebSocket, ticket: string): void {
  const isCurrent = () => socket === state.socket;
  socket.onopen = () => {
    if (!isCurrent()) return;
    clearTimeout(state.timers.connect);
    const { viewer, epoch, received } = state;
    const after = epoch === null ? null : received;
    state.toldSize = state.options.size;
    tell(state, { type: "attach", ticket, viewer, after, epoch, ...state.options.size });
    keepAlive(state);
  };
  socket.onmessage = ({ data }) => {
    if (!isCurrent()) return;
    // Whatever it says, it is there; behind much output an answer comes late.
    clearTimeout(state.timers.pong);
    // Our own server's words, in the shape of ToViewer.
    if (typeof data === "string") hear(state, JSON.parse(data) as ToViewer);
    else hearBytes(state, new Uint8Array(data));
  };
  socket.onclose = ({ code, reason }) => isCurrent() && lost(state, code, reason);
}

async function connect(state: State): Promise<void> {
  clearTimers(state);
  state.phase = "connecting";
  state.attempt += 1;
  state.options.onStatus({ kind: "connecting" });
  state.timers.connect = setTimeout(() => pause(state, null), CONNECT_MS);
  const ticket = await takeTicket(state, state.attempt);
  if (ticket === null) return;
  const socket = state.options.socket();
  socket.binaryType = "arraybuffer";
  state.socket = socket;
  listen(state, socket, ticket);
}

/** Connects, and stays connected until close(). */
export function openLink(options: LinkOptions): Link {
  const fresh = { socket: null, phase: "connecting" as const, toldSize: null, epoch: null };
  const counts = { received: 0, drawn: 0, toldDrawn: 0, tries: 0, attempt: 0 };
  const state: State = {
    options,
    viewer: randomName(),
    ...fresh,
    ...counts,
    typed: makeTyped(options.onLost),
    timers: {},
  };
  void connect(state);
  return {
    type: (bytes) => {
      if (state.phase !== "refused" && state.phase !== "closed") state.typed.add(bytes);
    },
    resize: (size) => {
      state.options = { ...state.options, size };
      if (state.phase === "attached") tellSize(state);
    },
    retry: () => {
      if (state.phase === "waiting" || state.phase === "refused") void connect(state);
      if (state.phase === "attached") probe(state, PONG_SOON_MS);
    },
    close: () => letGo(state, "closed"),
  };
}
