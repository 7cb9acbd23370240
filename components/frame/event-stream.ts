// The one event stream of a browser tab: says what changed, and survives sleep, a change of network and a restarted portal.
// While it is down, `onPoll` is called every 15 s instead. Everything it needs of the browser is given, so that tests give their own.

export type StreamEvent =
  | { kind: "session" | "log" | "terminal"; id: string }
  | { kind: "cluster"; name: string }
  | { kind: "resync" };
export type StreamState = "connecting" | "live" | "down";

/** What is used of an EventSource. */
export type Source = {
  onerror: ((event: never) => void) | null;
  addEventListener: (name: string, listener: (event: { data: string }) => void) => void;
  close: () => void;
  readonly readyState: number;
};

export type StreamParts = {
  /** `since` is given to the first attempt only: after a gap everything is asked for anew. */
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

/** Opens the stream and keeps it open until `close`. `wake(sleptFor)` is for visibilitychange and online. */
export function keepStream({ open, since, onEvent, onState, onPoll }: StreamParts) {
  let source: Source | null = null;
  let attempt = 0;
  let missed = since === null;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let poll: ReturnType<typeof setInterval> | undefined;

  const connected = () => {
    attempt = 0;
    clearInterval(poll);
    poll = undefined;
    onState("live");
    // What happened while it was down was not told: ask for everything once.
    if (missed) onEvent({ kind: "resync" });
    missed = false;
  };

  const failed = () => {
    source?.close();
    source = null;
    missed = true;
    onState("down");
    poll ??= setInterval(onPoll, pollMs);
    clearTimeout(retry);
    retry = setTimeout(connect, retryDelayMs(attempt, Math.random()));
    attempt += 1;
  };

  const connect = () => {
    clearTimeout(retry);
    source?.close();
    const opened = open(missed ? null : since);
    source = opened;
    opened.onerror = () => source === opened && failed();
    opened.addEventListener("hello", () => source === opened && connected());
    for (const name of ["session", "log", "terminal", "cluster", "resync"]) {
      opened.addEventListener(name, ({ data }) => {
        const event = source === opened ? parseEvent(name, data) : null;
        if (event) onEvent(event);
      });
    }
  };

  onState("connecting");
  connect();
  return {
    wake(sleptForMs: number) {
      if (source && sleptForMs < sleptMs) return;
      missed = true;
      attempt = 0;
      connect();
    },
    close() {
      clearTimeout(retry);
      clearInterval(poll);
      source?.close();
      source = null;
    },
  };
}
