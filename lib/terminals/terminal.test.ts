import { Readable } from "node:stream";
import { expect, it, onTestFinished, vi } from "vitest";
import type { ScreenSize } from "@/lib/terminals/schema";
import { type OpenTerminal, openTerminal, type Viewer } from "@/lib/terminals/terminal";

type From = Parameters<OpenTerminal["attach"]>[1];

const size = { cols: 80, rows: 24 };
const totalBytes = 20_000_000;
const piece = Buffer.from(`${"x".repeat(78)}\r\n`.repeat(50));

/** A shell that writes as fast as it may. */
function floodingShell(): OpenTerminal {
  let left = totalBytes;
  const output = new Readable({
    highWaterMark: 64 * 1024,
    read() {
      const bytes = piece.subarray(0, left);
      left -= bytes.length;
      // In a turn of its own, as from a network.
      if (bytes.length > 0) setImmediate(() => this.push(bytes));
    },
  });
  const gone = new Promise<never>(() => {});
  const channel = { output, write: async () => {}, resize: () => {}, gone, hangUp: () => {} };
  return openTerminal({ channel, size, scrollback: 200, epoch: "e", onActivity: () => {} });
}

/** Draws at once, and says so by the page's steps; or never. */
function watch(terminal: OpenTerminal, { reads }: { reads: boolean }) {
  const seen = { bytes: 0, drawings: 0, messages: 0 };
  let [seq, told] = [0, 0];
  const send: Viewer["send"] = (bytes) => {
    seen.bytes += bytes.length;
    seen.messages += 1;
    seq += bytes.length;
    if (!reads || seq - told < 64 * 1024) return;
    told = seq;
    setImmediate(() => seat?.drawn(told));
  };
  const tell: Viewer["tell"] = (message) => {
    if (message.type !== "screen") return;
    seen.drawings += 1;
    [seq, told] = [message.seq, message.seq];
  };
  const seat = terminal.attach({ id: String(reads), send, tell }, { epoch: null, after: null, size });
  return seen;
}

it("sends a flood to a quick viewer byte for byte, in larger pieces, and lets a slow one wait", async () => {
  const terminal = floodingShell();
  const [quick, slow] = [watch(terminal, { reads: true }), watch(terminal, { reads: false })];
  await expect.poll(() => quick.bytes, { timeout: 30_000 }).toBe(totalBytes);
  expect(quick.drawings).toBe(1);
  expect(quick.messages).toBeLessThan(totalBytes / piece.length / 2);
  expect(slow.bytes).toBeLessThan(300 * 1024);
});

it("does not wait for the only viewer when that has vanished, and catches up with it when it is back", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  onTestFinished(() => void vi.useRealTimers());
  const { terminal, output } = quietShell(() => Promise.resolve(""));
  const told: string[] = [];
  const tell: Viewer["tell"] = ({ type }) => void told.push(type);
  const seat = terminal.attach({ id: "laptop", send: () => {}, tell }, { epoch: "e", after: 0, size });
  output.push(Buffer.alloc(450_000, "yes\r\n"));
  await vi.waitFor(() => expect(output.isPaused()).toBe(true));
  await vi.advanceTimersByTimeAsync(4000);
  expect(output.isPaused()).toBe(true);
  await vi.advanceTimersByTimeAsync(2000);
  expect(output.isPaused()).toBe(false);
  for (let times = 0; times < 4; times += 1) output.push(Buffer.alloc(1_000_000, "yes\r\n"));
  await vi.advanceTimersByTimeAsync(2000);
  expect([output.isPaused(), told]).toEqual([false, ["resume"]]);
  seat?.drawn(100_000);
  expect(terminal.viewers()).toBe(1);
  await vi.waitFor(() => expect(told).toEqual(["resume", "screen"]));
});

/** A shell that writes nothing by itself, and every size it was given. */
function quietShell(draw?: () => Promise<string>) {
  const output = new Readable({ read() {} });
  const sizes: string[] = [];
  const gone = new Promise<never>(() => {});
  const resize = ({ cols, rows }: ScreenSize) => void sizes.push(`${cols}x${rows}`);
  const channel = { output, write: async () => {}, resize, gone, hangUp: () => {} };
  const onActivity = () => {};
  const terminal = openTerminal({ channel, size, scrollback: 200, epoch: "e", onActivity, ...(draw ? { draw } : {}) });
  return { terminal, output, sizes };
}

/** A screen that has whatever size it was told last. */
function screenOf(terminal: OpenTerminal, id: string, own: ScreenSize, from: Partial<From> = {}) {
  const seen = { size: own, told: 0 };
  const tell: Viewer["tell"] = (message) => {
    if (!("size" in message)) return;
    seen.size = message.size;
    seen.told += 1;
  };
  const seat = terminal.attach({ id, send: () => {}, tell }, { epoch: null, after: null, size: own, ...from });
  if (!seat) throw new Error("There is no place.");
  return { seen, seat };
}

const ofDesk = { cols: 120, rows: 40 };
const ofPhone = { cols: 40, rows: 20 };

it("has, on every screen, the size of whoever typed last", async () => {
  const { terminal, sizes } = quietShell();
  const desk = screenOf(terminal, "desk", ofDesk);
  const phone = screenOf(terminal, "phone", ofPhone);
  const both = () => [desk.seen.size, phone.seen.size];
  await expect.poll(both).toEqual([ofPhone, ofPhone]);
  desk.seat.type(1, Buffer.from("x"));
  await expect.poll(both).toEqual([ofDesk, ofDesk]);
  phone.seat.type(1, Buffer.from("x"));
  await expect.poll(both).toEqual([ofPhone, ofPhone]);
  expect(sizes).toEqual(["120x40", "40x20", "120x40", "40x20"]);
});

it("has the size of whoever was active last of those who stay when somebody goes", async () => {
  const { terminal, sizes } = quietShell();
  const desk = screenOf(terminal, "desk", ofDesk);
  const tablet = screenOf(terminal, "tablet", { cols: 70, rows: 30 });
  const phone = screenOf(terminal, "phone", ofPhone);
  desk.seat.type(1, Buffer.from("x"));
  phone.seat.resize(ofPhone);
  tablet.seat.leave();
  await expect.poll(() => sizes.at(-1)).toBe("40x20");
  phone.seat.leave();
  await expect.poll(() => [sizes.at(-1), desk.seen.size]).toEqual(["120x40", ofDesk]);
  desk.seat.leave();
  desk.seat.type(2, Buffer.from("x"));
  expect([sizes.at(-1), terminal.viewers()]).toEqual(["120x40", 0]);
});

it("takes the first of many sizes at once, the last in any case, and few between", async () => {
  const { terminal, output, sizes } = quietShell();
  const desk = screenOf(terminal, "desk", ofDesk);
  expect(sizes).toEqual(["120x40"]);
  for (let at = 0; at < 500; at += 1) {
    desk.seat.resize({ cols: 60 + (at % 50), rows: 24 });
    output.push("\r$ 20 bytes of text");
    await new Promise(setImmediate);
  }
  desk.seat.resize({ cols: 77, rows: 22 });
  await expect.poll(() => sizes.at(-1)).toBe("77x22");
  expect(sizes.length).toBeLessThan(100);
});

it("types what comes from another size behind that size, and in order", async () => {
  const seen: string[] = [];
  const channel = {
    output: new Readable({ read() {} }),
    write: async (piece: Uint8Array) => void seen.push(Buffer.from(piece).toString()),
    resize: ({ cols, rows }: ScreenSize) => void seen.push(`${cols}x${rows}`),
    gone: new Promise<never>(() => {}),
    hangUp: () => {},
  };
  const terminal = openTerminal({ channel, size, scrollback: 200, epoch: "e", onActivity: () => {} });
  const { seat } = screenOf(terminal, "desk", ofDesk);
  seat.type(1, Buffer.from("a"));
  seat.resize(ofPhone);
  seat.type(2, Buffer.from("b"));
  seat.resize(ofDesk);
  seat.type(3, Buffer.from("c"));
  seat.resize(ofPhone);
  expect(seen).toEqual(["120x40", "a"]);
  await expect.poll(() => seen).toEqual(["120x40", "a", "40x20", "b", "c"]);
});

it("says the size to a viewer that goes on where it broke off", async () => {
  const { terminal } = quietShell();
  screenOf(terminal, "phone", ofPhone);
  const desk = screenOf(terminal, "desk", ofDesk, { epoch: "e", after: 0 });
  desk.seen.size = ofPhone;
  desk.seat.leave();
  const again = screenOf(terminal, "desk", ofDesk, { epoch: "e", after: 0 });
  expect(again.seen.told).toBe(1);
  await expect.poll(() => again.seen.size).toEqual(ofDesk);
});

it("says a size that came while the screen was drawn again behind that drawing", async () => {
  const drawing = Promise.withResolvers<string>();
  const { terminal, output } = quietShell(() => drawing.promise);
  output.push("text");
  const desk = screenOf(terminal, "desk", ofDesk);
  const phone = screenOf(terminal, "phone", ofPhone);
  drawing.resolve("text");
  await expect.poll(() => [desk.seen.size, phone.seen.size]).toEqual([ofPhone, ofPhone]);
});

it("draws again for a viewer only when the drawing before has left, however much is written meanwhile", async () => {
  const leaving = Promise.withResolvers<void>();
  const { terminal, output } = quietShell();
  const told: string[] = [];
  const tell: Viewer["tell"] = ({ type }) => {
    told.push(type);
    return type === "screen" ? leaving.promise : undefined;
  };
  terminal.attach({ id: "slow", send: () => told.push("output"), tell }, { epoch: null, after: null, size });
  await expect.poll(() => told).toEqual(["screen"]);
  output.push("yes\r\n".repeat(400_000));
  await expect.poll(() => terminal.heldBytes()).toBeGreaterThan(0);
  expect(told).toEqual(["screen"]);
  leaving.resolve();
  await expect.poll(() => told).toEqual(["screen", "screen"]);
});

it("confirms of what was typed only what the shell has taken, and types nothing twice", async () => {
  const taken: { text: string; done: () => void }[] = [];
  const write = (piece: Uint8Array) =>
    new Promise<void>((done) => void taken.push({ text: Buffer.from(piece).toString(), done }));
  const gone = new Promise<never>(() => {});
  const channel = { output: new Readable({ read() {} }), write, resize: () => {}, gone, hangUp: () => {} };
  const terminal = openTerminal({ channel, size, scrollback: 200, epoch: "e", onActivity: () => {} });
  const confirmed: number[] = [];
  const tell: Viewer["tell"] = (message) => void ("typed" in message && confirmed.push(message.typed));
  const sit = () => terminal.attach({ id: "one", send: () => {}, tell }, { epoch: "e", after: 0, size });
  const seat = sit();
  for (const [number, text] of ["a", "b", "c"].entries()) seat?.type(number + 1, Buffer.from(text));
  taken[0]?.done();
  await expect.poll(() => confirmed).toEqual([0, 1]);
  seat?.leave();
  const again = sit();
  expect(confirmed.at(-1)).toBe(1);
  for (const [number, text] of ["b", "c"].entries()) again?.type(number + 2, Buffer.from(text));
  // What came before the connection was lost, and is taken after it.
  for (const { done } of taken) done();
  await expect.poll(() => confirmed.at(-1)).toBe(3);
  again?.type(4, Buffer.from("d"));
  taken.at(-1)?.done();
  await expect.poll(() => confirmed.at(-1)).toBe(4);
  expect(taken.map(({ text }) => text)).toEqual(["a", "b", "c", "d"]);
});
