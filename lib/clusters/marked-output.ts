// Finds a program's own output between two marks in what a login shell prints, as it streams by.
// Bytes outside the marks are dropped; bytes inside are passed on at once, unless they may be the start of the end mark.
import { Readable } from "node:stream";
import type { Marks } from "./shell-script";

const NEWLINE = 10;
const PREAMBLE_BYTES = 4096;
/** An exit code has three digits at most. */
const TRAILER_BYTES = 64;
/** What counts as the code when what stands there is none: a failure that no program of ours ends with. */
const NO_CODE = "255";

export type MarkedOutput = {
  /** What lies between the marks. Left open when the source ends early: the caller knows why, and destroys it. */
  body: Readable;
  began: Promise<void>;
  /** The rest of the line after the end mark, or a code for failure; null when the source ended without one. */
  done: Promise<string | null>;
  hasBegun(): boolean;
  /** The last of what was printed before the begin mark. */
  preamble(): string;
  /** Ends `body` although the end mark did not come. */
  giveUp(): void;
};

type Scan = {
  source: Readable;
  marks: Marks;
  body: Readable;
  place: "before" | "inside" | "after" | "done";
  /** Read, and neither passed on nor dropped yet. */
  held: Buffer;
  hasEnded: boolean;
  began: PromiseWithResolvers<void>;
  done: PromiseWithResolvers<string | null>;
};

/** How many bytes at the end of `data` could be the start of `mark`. */
function partialMark(data: Buffer, mark: Buffer): number {
  for (let length = Math.min(mark.length - 1, data.length); length > 0; length--) {
    if (data.subarray(-length).equals(mark.subarray(0, length))) return length;
  }
  return 0;
}

function lookForBegin(scan: Scan): void {
  const { begin } = scan.marks;
  const at = scan.held.indexOf(begin);
  if (at === -1) {
    scan.held = scan.held.subarray(-PREAMBLE_BYTES);
    return;
  }
  scan.held = scan.held.subarray(at + begin.length);
  scan.place = "inside";
  scan.began.resolve();
}

function pass({ body, source }: Scan, bytes: Buffer): void {
  if (bytes.length > 0 && !body.destroyed && !body.push(bytes)) source.pause();
}

function lookForEnd(scan: Scan): void {
  const { end } = scan.marks;
  const at = scan.held.indexOf(end);
  const length = at === -1 ? scan.held.length - partialMark(scan.held, end) : at;
  pass(scan, scan.held.subarray(0, length));
  scan.held = scan.held.subarray(at === -1 ? length : at + end.length);
  if (at !== -1) scan.place = "after";
}

function endBody(scan: Scan): void {
  if (!scan.body.destroyed && !scan.hasEnded) scan.body.push(null);
  scan.hasEnded = true;
}

function finish(scan: Scan, trailer: string | null): void {
  if (trailer !== null) endBody(scan);
  scan.done.resolve(trailer);
  scan.source.resume();
}

function lookForTrailer(scan: Scan): void {
  const newline = scan.held.subarray(0, TRAILER_BYTES).indexOf(NEWLINE);
  if (newline === -1 && scan.held.length < TRAILER_BYTES) return;
  scan.place = "done";
  finish(scan, newline === -1 ? NO_CODE : scan.held.toString("latin1", 0, newline));
  scan.held = Buffer.alloc(0);
}

function receive(scan: Scan, chunk: Buffer): void {
  if (scan.place === "done") return;
  scan.held = scan.held.length > 0 ? Buffer.concat([scan.held, chunk]) : chunk;
  if (scan.place === "before") lookForBegin(scan);
  if (scan.place === "inside") lookForEnd(scan);
  if (scan.place === "after") lookForTrailer(scan);
}

/** A reader that comes late must not find the process gone for want of an `error` listener. */
function bodyOf(source: Readable): Readable {
  const body = new Readable({
    read: () => source.resume(),
    destroy: (error, destroyed) => {
      source.resume();
      destroyed(error);
    },
  });
  return body.on("error", () => {});
}

/** Reads `source` (which must not have other readers) to its end; slows it down while `body` is not read. */
export function markedOutput(source: Readable, marks: Marks): MarkedOutput {
  const scan: Scan = {
    source,
    marks,
    body: bodyOf(source),
    place: "before",
    held: Buffer.alloc(0),
    hasEnded: false,
    began: Promise.withResolvers(),
    done: Promise.withResolvers(),
  };
  source.on("data", (chunk: Buffer) => receive(scan, chunk));
  for (const event of ["end", "close", "error"]) source.once(event, () => finish(scan, null));
  source.on("error", () => {});
  return {
    body: scan.body,
    began: scan.began.promise,
    done: scan.done.promise,
    hasBegun: () => scan.place !== "before",
    preamble: () => (scan.place === "before" ? scan.held.toString("utf8") : ""),
    giveUp: () => endBody(scan),
  };
}
