// Finds a program's own output between two marks in what a login shell prints, as it streams by.
// Bytes outside the marks are dropped; bytes inside are passed on at once, unless they may be the start of the end mark.
import { Readable } from "node:stream";
import type { Marks } from "./shell-script";

const NEWLINE = 10;
const PREAMBLE_BYTES = 4096;
const EMPTY = Buffer.alloc(0);

export type MarkedOutput = {
  /** What lies between the marks. Left open when the source ends early: the caller knows why, and destroys it. */
  body: Readable;
  began: Promise<void>;
  /** The rest of the line after the end mark; null when the source ended without one. */
  done: Promise<string | null>;
  hasBegun(): boolean;
  /** The last of what was printed before the begin mark. */
  preamble(): string;
  /** Ends `body` although the end mark did not come. */
  giveUp(): void;
};

/** How many bytes at the end of `data` could be the start of `mark`. */
function partialMark(data: Buffer, mark: Buffer): number {
  for (let length = Math.min(mark.length - 1, data.length); length > 0; length--) {
    if (mark.compare(data, data.length - length, data.length, 0, length) === 0) return length;
  }
  return 0;
}

/** Reads `source` (which must not have other readers) to its end; slows it down while `body` is not read. */
export function markedOutput(source: Readable, marks: Marks): MarkedOutput {
  const began = Promise.withResolvers<void>();
  const done = Promise.withResolvers<string | null>();
  let state: "before" | "inside" | "after" | "done" = "before";
  let held: Buffer = EMPTY;
  let hasEnded = false;

  const body = new Readable({
    read: () => source.resume(),
    destroy: (error, callback) => {
      source.resume();
      callback(error);
    },
  });

  const pass = (bytes: Buffer) => {
    if (bytes.length > 0 && !body.destroyed && !body.push(bytes)) source.pause();
  };

  const lookForBegin = () => {
    const at = held.indexOf(marks.begin);
    if (at === -1) {
      held = held.subarray(-PREAMBLE_BYTES);
      return;
    }
    held = held.subarray(at + marks.begin.length);
    state = "inside";
    began.resolve();
  };

  const lookForEnd = () => {
    const at = held.indexOf(marks.end);
    const passable = at === -1 ? held.length - partialMark(held, marks.end) : at;
    pass(held.subarray(0, passable));
    held = held.subarray(at === -1 ? passable : at + marks.end.length);
    if (at !== -1) state = "after";
  };

  const endBody = () => {
    if (!body.destroyed && !hasEnded) body.push(null);
    hasEnded = true;
  };

  const finish = (trailer: string | null) => {
    if (trailer !== null) endBody();
    done.resolve(trailer);
    source.resume();
  };

  const lookForTrailer = () => {
    const newline = held.indexOf(NEWLINE);
    if (newline === -1) return;
    state = "done";
    finish(held.toString("latin1", 0, newline));
  };

  source.on("data", (chunk: Buffer) => {
    if (state === "done") return;
    held = held.length > 0 ? Buffer.concat([held, chunk]) : chunk;
    if (state === "before") lookForBegin();
    if (state === "inside") lookForEnd();
    if (state === "after") lookForTrailer();
  });
  source.once("end", () => finish(null));
  source.once("close", () => finish(null));
  source.on("error", () => finish(null));

  return {
    body,
    began: began.promise,
    done: done.promise,
    hasBegun: () => state !== "before",
    preamble: () => (state === "before" ? held.toString("utf8") : ""),
    giveUp: endBody,
  };
}
