import { expect, it, vi } from "vitest";
import { makeNotices, type Notice } from "@/components/frame/notify";
import type Toasts from "@/components/frame/toaster";

const stopped: Notice = { tone: "failed", text: "It could not be stopped", detail: "The portal cannot be reached." };
const saved: Notice = { tone: "done", text: "Saved" };

function setUp(failures: number) {
  const Toaster = vi.fn<typeof Toasts>();
  const show = vi.fn();
  const load = vi.fn(async () => ({ default: Toaster, show }));
  for (let at = 0; at < failures; at++) load.mockRejectedValueOnce(new Error("Failed to load chunk"));
  return { Toaster, show, load, notices: makeNotices(load) };
}

it("shows a message when what draws it is loaded and in its place", async () => {
  const { notices, show, Toaster } = setUp(0);
  const shown = notices.notify(saved);
  await vi.waitFor(() => expect(notices.drawn().Toaster).toBe(Toaster));
  expect(show).not.toHaveBeenCalled();
  notices.isMounted();
  await shown;
  expect(show).toHaveBeenCalledExactlyOnceWith(saved);
});

it("says a message in a plain line when what draws it cannot be loaded, and asks for it again with the next", async () => {
  const { notices, show, load } = setUp(2);
  const told = vi.fn();
  notices.follow(told);
  notices.prepare();
  await notices.notify(stopped);
  expect(load).toHaveBeenCalledTimes(1);
  await notices.notify(stopped);
  expect(notices.drawn()).toEqual({ Toaster: null, line: stopped });
  expect(told).toHaveBeenCalled();
  notices.isMounted();
  await notices.notify(saved);
  expect(show.mock.calls).toEqual([[saved]]);
  expect(notices.drawn().line).toBeNull();
});

it("takes the plain line away when the person has read it", async () => {
  const { notices } = setUp(1);
  await notices.notify(stopped);
  notices.dismissLine();
  expect(notices.drawn().line).toBeNull();
});
