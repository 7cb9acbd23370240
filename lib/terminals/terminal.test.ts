import { Readable } from "node:stream";
import { expect, it } from "vitest";
import { type OpenTerminal, openTerminal, type Viewer } from "@/lib/terminals/terminal";

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
