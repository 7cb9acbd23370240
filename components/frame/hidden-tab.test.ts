import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { hiddenMs, hiddenTab, showsSession } from "@/components/frame/hidden-tab";
import { oneSession, sessionKeys } from "@/components/sessions/queries";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setUp(needed: () => boolean = () => false) {
  const stream = { wake: vi.fn(), close: vi.fn() };
  return { stream, tab: hiddenTab(stream, needed) };
}

describe("a hidden tab", () => {
  it("gives its stream up after a while, and has it back as soon as it is seen", () => {
    const { stream, tab } = setUp();
    tab.changed(true);
    vi.advanceTimersByTime(hiddenMs - 1);
    expect(stream.close).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(stream.close).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(60_000);
    tab.changed(false);
    expect(stream.wake).toHaveBeenCalledWith(hiddenMs + 60_000);
  });

  it("keeps its stream when it is seen again before that", () => {
    const { stream, tab } = setUp();
    tab.changed(true);
    vi.advanceTimersByTime(hiddenMs - 1);
    tab.changed(false);
    vi.advanceTimersByTime(10 * hiddenMs);
    expect(stream.close).not.toHaveBeenCalled();
  });

  it("keeps its stream for as long as its title tells how a session goes", () => {
    let starts = true;
    const { stream, tab } = setUp(() => starts);
    tab.changed(true);
    vi.advanceTimersByTime(10 * hiddenMs);
    expect(stream.close).not.toHaveBeenCalled();
    starts = false;
    vi.advanceTimersByTime(hiddenMs);
    expect(stream.close).toHaveBeenCalledTimes(1);
  });

  it("does nothing more once it is gone", () => {
    const { stream, tab } = setUp();
    tab.changed(true);
    tab.forget();
    vi.advanceTimersByTime(10 * hiddenMs);
    expect(stream.close).not.toHaveBeenCalled();
  });
});

describe("a tab tells how a session goes", () => {
  function show(client: QueryClient, queryKey: readonly string[], data: unknown): void {
    client.setQueryData(queryKey, data);
    onTestFinished(
      new QueryObserver(client, { queryKey, queryFn: () => data, staleTime: Infinity }).subscribe(() => undefined),
    );
  }

  it.each([
    ["queued", true],
    ["starting", true],
    ["ready", false],
    ["stopping", false],
    ["ended", false],
  ])("of a session that is %s: %s", (state, expected) => {
    const client = new QueryClient();
    show(client, sessionKeys.one("a"), { state });
    show(client, sessionKeys.log("a"), { text: "", final: false });
    expect(showsSession(client)).toBe(expected);
  });

  it.each([
    ["ready", 60_000],
    ["stopping", 60_000],
    // Requeued: its stream was given up when it was ready.
    ["queued", 60_000],
    ["ended", false],
  ])("and asks without a stream, too, while it is %s: %s", (state, expected) => {
    const { refetchInterval } = oneSession("a");
    if (typeof refetchInterval !== "function") throw new Error("It depends on the session.");
    // Of a query it looks at the session alone, and of that at the state.
    expect(refetchInterval({ state: { data: { state } } } as never)).toBe(expected);
  });

  it("not of a session that is known and not shown", () => {
    const client = new QueryClient();
    client.setQueryData(sessionKeys.one("a"), { state: "queued" });
    show(client, [...sessionKeys.lists, "recent"], { items: [{ state: "queued" }] });
    expect(showsSession(client)).toBe(false);
  });
});
