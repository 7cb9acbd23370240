// The one event stream of a browser tab: says what changed, and survives sleep, a change of network and a restarted portal.
// While it is down, `onPoll` is called every 15 s instead. Everything it needs of the browser is given, so that tests give their own.
import { beatMs } from "@/lib/events/schema";

export type StreamEvent =
  | { kind: "session" | "log" | "terminal"; id: string }
  | { kind: "cluster"; name: string }
  | { kind: "resync" };
export type StreamState = "connecting" | "live" | "down";

/** What is used of a MessageEvent; `lastEventId` is empty until an event had a number. */
export type Told = { data: string; lastEventId: string };

/** What is used of an EventSource. */
export type Source = {
  onerror: ((event: never) => void) | null;
  addEventListener: (name: string, listener: (event: Told) => void) => void;
  close: () => void;
  readonly readyState: number;
};

export type StreamParts = {
  /** `since` is the last event known, where the server can go on; null after a failure: then everything is asked for anew. */
  open: (since: string | null) => Source;
  /** What the page shows is as of this event; null when that is not known. */
  since: string | null;
  onEvent: (event: StreamEvent) => void;
  onState: (state: StreamState) => void;
  /** Ask for everything again: the stream is down. */
  onPoll: () => void;
};

export const pollMs = 15_000;
const firstRetryMs = 1000;
const longestRetryMs = 30_000;
/** A tab that slept longer than this may hold a connection that is dead without knowing. */
export const sleptMs = 20_000;
/** A stream without a word for so long is dead, whatever the browser believes of its connection. */
export const silentMs = 2.5 * beatMs;

/** How long to wait before attempt number `attempt` (0 is the first); `random` of 0 to 1 spreads many tabs. */
export function retryDelayMs(attempt: number, random: number): number {
  return Math.min(longestRetryMs, firstRetryMs * 2 ** attempt) * (0.5 + random / 2);
}

/** Null for what is malformed or meant for a newer portal's pages. */
export function parseEvent(name: string, data: string): StreamEvent | null {
  if (name === "resync") return { kind: "resync" };
  try {
    const value: { id?: unknown; name?: unknown } = JSON.parse(data);
    const isNoun = name === "session" || name === "log" || name === "terminal";
    if (isNoun && typeof value.id === "string") return { kind: name, id: value.id };
    if (name === "cluster" && typeof value.name === "string") return { kind: "cluster", name: value.name };
  } catch {
    return null;
  }
  return null;
}

/** Calls `onSilence` once nothing was heard for `silentMs`. */
function silenceTimer(onSilence: () => void) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = () => clearTimeout(timer);
  const heard = () => {
    stop();
    timer = setTimeout(onSilence, silentMs);
  };
  return { heard, stop };
}

/** While the stream is down: asks for everything now and then, and tries again, later each time. */
function outage(onPoll: () => void, retry: () => void) {
  let attempt = 0;
  let again: ReturnType<typeof setTimeout> | undefined;
  let poll: ReturnType<typeof setInterval> | undefined;
  const goOn = () => {
    poll ??= setInterval(onPoll, pollMs);
    again = setTimeout(retry, retryDelayMs(attempt, Math.random()));
    attempt += 1;
  };
  const end = () => {
    clearTimeout(again);
    clearInterval(poll);
    poll = undefined;
    attempt = 0;
  };
  return { goOn, end };
}

const names = ["hello", "beat", "session", "log", "terminal", "cluster", "resync"];

/** Opens the stream and keeps it open until `close`. `wake(sleptFor)` is for visibilitychange and online. */
export function keepStream({ open, since, onEvent, onState, onPoll }: StreamParts) {
  let source: Source | null = null;
  let position = since;
  let missed = since === null;

  const connected = () => {
    down.end();
    onState("live");
    // What happened while it was down was not told: ask for everything once.
    if (missed) onEvent({ kind: "resync" });
    missed = false;
  };
  const hear = (name: string, { data, lastEventId }: Told) => {
    silence.heard();
    // A greeting has the newest number, also when what was missed is yet to be told.
    if (name !== "hello" || missed) position = lastEventId || position;
    const event = parseEvent(name, data);
    if (name === "hello") connected();
    else if (event) onEvent(event);
  };
  const stop = () => {
    silence.stop();
    source?.close();
    source = null;
  };
  const failed = () => {
    stop();
    missed = true;
    onState("down");
    down.goOn();
  };
  const connect = () => {
    stop();
    const opened = open(missed ? null : position);
    source = opened;
    silence.heard();
    opened.onerror = () => source === opened && failed();
    for (const name of names) opened.addEventListener(name, (told) => source === opened && hear(name, told));
  };
  const silence = silenceTimer(failed);
  const down = outage(onPoll, connect);

  onState("connecting");
  connect();
  return {
    /** For good, or until `wake`: that asks for what came since. */
    close() {
      down.end();
      stop();
    },
    wake(sleptForMs: number) {
      if (source && sleptForMs < sleptMs) return;
      // What is still open may be dead, and what was told on it lost; what was closed knows where to go on.
      missed ||= source !== null || position === null;
      down.end();
      connect();
    },
  };
}
