import { beforeEach, expect, it, vi } from "vitest";
import { coalesced } from "./coalesced";

beforeEach(() => {
  vi.useFakeTimers();
  return () => vi.useRealTimers();
});

const made = (body: () => Promise<void>) => {
  const onError = vi.fn();
  return { call: coalesced(body, { pauseMs: 250, onError }), onError };
};

it("runs at once for the first call, and then four times a second at most", async () => {
  const body = vi.fn(async () => {});
  const { call } = made(body);
  call();
  expect(body).toHaveBeenCalledTimes(1);
  for (let ms = 0; ms < 1000; ms += 10) {
    call();
    await vi.advanceTimersByTimeAsync(10);
  }
  expect(body).toHaveBeenCalledTimes(5);
});

it("runs once more for what came while it ran, and not without a call", async () => {
  const body = vi.fn(async () => {});
  const { call } = made(body);
  call();
  call();
  call();
  await vi.advanceTimersByTimeAsync(2000);
  expect(body).toHaveBeenCalledTimes(2);
});

it("goes on after a failure, which is told", async () => {
  const fault = new Error("away");
  const { call, onError } = made(vi.fn().mockRejectedValueOnce(fault).mockResolvedValue(undefined));
  call();
  await vi.advanceTimersByTimeAsync(300);
  expect(onError).toHaveBeenCalledExactlyOnceWith(fault);
  call();
  await vi.advanceTimersByTimeAsync(300);
  expect(onError).toHaveBeenCalledTimes(1);
});
