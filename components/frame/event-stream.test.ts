import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  keepStream,
  parseEvent,
  pollMs,
  retryDelayMs,
  type Source,
  silentMs,
  sleptMs,
  type Told,
} from "@/components/frame/event-stream";
import { beatMs } from "@/lib/events/schema";

/** A stream the test drives: `say` is the server, `fail` the network. */
function fakeSource() {
  const listeners = new Map<string, (event: Told) => void>();
  const source = {
    onerror: null as Source["onerror"],
    readyState: 1,
    closed: false,
    addEventListener: (name: string, listener: (event: Told) => void) => void listeners.set(name, listener),
    close() {
      source.closed = true;
    },
    say: (name: string, data: unknown = {}, lastEventId = "") =>
      listeners.get(name)?.({ data: JSON.stringify(data), lastEventId }),
    fail: () => source.onerror?.(undefined as never),
  };
  return source;
}

function setUp(since: string | null = "epoch-7") {
  const sources: ReturnType<typeof fakeSource>[] = [];
  const told: unknown[] = [];
  const states: string[] = [];
  const onPoll = vi.fn();
  const asked: (string | null)[] = [];
  const stream = keepStream({
    since,
    open: (from) => {
      asked.push(from);
      const source = fakeSource();
      sources.push(source);
      return source;
    },
    onEvent: (event) => told.push(event),
    onState: (state) => states.push(state),
    onPoll,
  });
  const last = () => {
    const source = sources.at(-1);
    if (!source) throw new Error("never opened");
    return source;
  };
  return { stream, sources, asked, told, states, onPoll, last };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("the event stream", () => {
  it("tells what changed, and says nothing of what it cannot read", () => {
    const { told, last } = setUp();
    last().say("hello");
    last().say("session", { id: "a123456789012345" });
    last().say("cluster", { name: "hpc" });
    last().say("session", { name: "no id" });
    expect(told).toEqual([
      { kind: "session", id: "a123456789012345" },
      { kind: "cluster", name: "hpc" },
    ]);
  });

  it("begins where the page's own answers were given, and only once", () => {
    const { asked, told, last } = setUp();
    last().say("hello");
    expect(told).toEqual([]);
    last().fail();
    vi.advanceTimersByTime(retryDelayMs(0, 1));
    expect(asked).toEqual(["epoch-7", null]);
  });

  it("asks for everything once when nobody knows where that was", () => {
    const { asked, told, last } = setUp(null);
    last().say("hello");
    expect(asked).toEqual([null]);
    expect(told).toEqual([{ kind: "resync" }]);
  });

  it("connects again after a failure and then asks for everything once", () => {
    const { told, states, sources, last } = setUp();
    last().say("hello");
    last().fail();
    expect(last().closed).toBe(true);
    vi.advanceTimersByTime(retryDelayMs(0, 1));
    expect(sources).toHaveLength(2);
    last().say("hello");
    expect(told).toEqual([{ kind: "resync" }]);
    expect(states).toEqual(["connecting", "live", "down", "live"]);
  });

  it("polls while it is down and stops when it is back", () => {
    const { onPoll, last } = setUp();
    last().fail();
    vi.advanceTimersByTime(pollMs + 1);
    expect(onPoll).toHaveBeenCalledTimes(1);
    last().say("hello");
    for (let beats = 0; beats < 10; beats += 1) {
      vi.advanceTimersByTime(pollMs);
      last().say("beat");
    }
    expect(onPoll).toHaveBeenCalledTimes(1);
  });

  it("waits longer after each failure, but never longer than half a minute", () => {
    const delays = [0, 1, 2, 3, 4, 5, 6, 20].map((attempt) => retryDelayMs(attempt, 1));
    expect(delays).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
    expect(retryDelayMs(3, 0)).toBe(4000);
  });

  it("connects anew after sleep, because the old connection may be dead without knowing", () => {
    const { stream, sources, told, last } = setUp();
    last().say("hello");
    stream.wake(sleptMs + 1);
    expect(sources[0]?.closed).toBe(true);
    last().say("hello");
    expect(told).toEqual([{ kind: "resync" }]);
  });

  it("keeps its connection when the tab was away for a moment only", () => {
    const { stream, sources, last } = setUp();
    last().say("hello");
    stream.wake(sleptMs - 1);
    expect(sources).toHaveLength(1);
  });

  it("connects at once when it wakes while it was waiting to try again", () => {
    const { stream, sources, last } = setUp();
    last().fail();
    stream.wake(0);
    expect(sources).toHaveLength(2);
  });

  it("is down when nothing was heard for two and a half heartbeats, though the connection says nothing of it", () => {
    const { states, sources, onPoll, last } = setUp();
    last().say("hello");
    vi.advanceTimersByTime(silentMs - 1);
    expect(states).toEqual(["connecting", "live"]);
    vi.advanceTimersByTime(1);
    expect(states).toEqual(["connecting", "live", "down"]);
    expect(sources[0]?.closed).toBe(true);
    vi.advanceTimersByTime(pollMs + 1);
    expect(onPoll).toHaveBeenCalled();
    expect(sources).toHaveLength(2);
  });

  it("stays live as long as it is told that it is there", () => {
    const { states, sources, told, last } = setUp();
    last().say("hello");
    for (let beats = 0; beats < 10; beats += 1) {
      vi.advanceTimersByTime(beatMs);
      last().say("beat");
    }
    expect([states, sources.length, told]).toEqual([["connecting", "live"], 1, []]);
  });

  it("gives up a connection that was never answered", () => {
    const { states } = setUp();
    vi.advanceTimersByTime(silentMs);
    expect(states).toEqual(["connecting", "down"]);
  });

  it("goes on after the last event it was told when it was closed for a while", () => {
    const { stream, asked, told, sources, last } = setUp();
    last().say("hello", {}, "epoch-9");
    last().say("cluster", { name: "hpc" }, "epoch-8");
    stream.close();
    vi.advanceTimersByTime(10 * silentMs);
    expect(sources).toHaveLength(1);
    stream.wake(10 * silentMs);
    last().say("hello", {}, "epoch-20");
    expect(asked).toEqual(["epoch-7", "epoch-8"]);
    expect(told).toEqual([{ kind: "cluster", name: "hpc" }]);
  });

  it("asks for everything when it was down while it was closed", () => {
    const { stream, asked, told, last } = setUp();
    last().say("hello", {}, "epoch-9");
    last().fail();
    stream.close();
    stream.wake(0);
    last().say("hello", {}, "other-1");
    expect(asked).toEqual(["epoch-7", null]);
    expect(told).toEqual([{ kind: "resync" }]);
  });

  it("does not listen to a connection it has given up", () => {
    const { stream, sources, told } = setUp();
    stream.wake(sleptMs + 1);
    sources[0]?.say("session", { id: "a123456789012345" });
    sources[0]?.fail();
    expect(told).toEqual([]);
    expect(sources).toHaveLength(2);
  });

  it("does nothing more once closed", () => {
    const { stream, sources, onPoll, last } = setUp();
    last().fail();
    stream.close();
    vi.advanceTimersByTime(10 * pollMs);
    expect(sources).toHaveLength(1);
    expect(onPoll).not.toHaveBeenCalled();
  });
});

describe("an event", () => {
  it("is nothing when its data is not JSON or its name is unknown", () => {
    expect(parseEvent("session", "{")).toBeNull();
    expect(parseEvent("weather", '{"id":"x"}')).toBeNull();
    expect(parseEvent("resync", "")).toEqual({ kind: "resync" });
  });
});
