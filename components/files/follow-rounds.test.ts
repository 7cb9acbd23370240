import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type Came, rounds } from "@/components/files/follow-rounds";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setUp(came: Came = "more") {
  const page = Object.assign(new EventTarget(), { hidden: false });
  const ask = vi.fn(async () => came);
  const see = (isSeen: boolean) => {
    page.hidden = !isSeen;
    page.dispatchEvent(new Event("visibilitychange"));
  };
  return { ask, see, end: rounds(ask, page) };
}

it("a file that is followed is asked for every two seconds, and no more once that ends", async () => {
  const { ask, end } = setUp();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(ask).toHaveBeenCalledTimes(6);
  end();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(ask).toHaveBeenCalledTimes(6);
});

it("a tab that nobody sees asks for nothing, and asks at once when it is seen", async () => {
  const { ask, see } = setUp();
  await vi.advanceTimersByTimeAsync(0);
  see(false);
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(ask).toHaveBeenCalledTimes(1);
  see(true);
  expect(ask).toHaveBeenCalledTimes(2);
  await vi.advanceTimersByTimeAsync(2000);
  expect(ask).toHaveBeenCalledTimes(3);
});

it("what fails is asked for ever more seldom, at least twice a minute", async () => {
  const { ask } = setUp("nothing");
  await vi.advanceTimersByTimeAsync(60_000);
  // After 4, 8, 16 and then 30 s each.
  expect(ask).toHaveBeenCalledTimes(5);
  await vi.advanceTimersByTimeAsync(600_000);
  expect(ask).toHaveBeenCalledTimes(25);
});

it("nobody is asked twice at a time, however often the tab is seen", async () => {
  const page = Object.assign(new EventTarget(), { hidden: false });
  const ask = vi.fn(() => new Promise<Came>(() => undefined));
  rounds(ask, page);
  for (let at = 0; at < 3; at += 1) page.dispatchEvent(new Event("visibilitychange"));
  expect(ask).toHaveBeenCalledTimes(1);
});
