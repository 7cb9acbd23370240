import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { untilLoaded } from "@/components/terminals/until-loaded";

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => void vi.useRealTimers());

function setUp(failures: number) {
  const load = vi.fn(async () => "screen");
  for (let at = 0; at < failures; at++) load.mockRejectedValueOnce(new Error("Failed to load chunk"));
  const heard: unknown[] = [];
  const loading = untilLoaded(load, {
    onLoaded: (what) => heard.push(what),
    onWaiting: (retryAt) => heard.push(retryAt),
  });
  return { load, heard, loading };
}

it("tries again, after longer and longer, until it is there", async () => {
  const { heard, load } = setUp(6);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(heard).toEqual([1000, 3000, 7000, 15_000, 25_000, 35_000, "screen"]);
  expect(load).toHaveBeenCalledTimes(7);
});

it("tries at once when somebody says so, and then no second time", async () => {
  const { heard, load, loading } = setUp(1);
  await vi.advanceTimersByTimeAsync(0);
  loading.retry();
  await vi.advanceTimersByTimeAsync(60_000);
  loading.retry();
  expect(heard).toEqual([1000, "screen"]);
  expect(load).toHaveBeenCalledTimes(2);
});

it("is one try at a time, however impatient somebody is", async () => {
  const { load, loading } = setUp(0);
  loading.retry();
  loading.retry();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(load).toHaveBeenCalledTimes(1);
});

it("tells nothing more once nobody waits for it", async () => {
  const { heard, load, loading } = setUp(1);
  loading.stop();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(heard).toEqual([]);
  expect(load).toHaveBeenCalledTimes(1);
});
