// What is shown of a growing file, from the parts of it that are asked for one after another. Pure but for what it keeps:
// no clock and no network.
import { asShown, withoutNoise } from "@/components/sessions/log-text";

/** Where it begins, in bytes before the end. */
export const firstBytes = 256 * 1024;
/** Kept for reading, in UTF-16 units; and, in bytes, the most that is asked for at once: what is longer would not be kept. */
export const mostKept = 1024 * 1024;
/** Seen before and asked for again, in bytes: where they are others, the file was written anew under its old inode. */
const overlapBytes = 256;

/** An answer: `from` null where nothing of the range is there. `inode` null where nobody says. */
export type Part = { from: number | null; size: number; inode: string | null; bytes: Uint8Array };

export type Followed = { text: string; isCut: boolean; isRestarted: boolean };

export type Follower = {
  /** What to ask for next, as a Range header. */
  range: () => string;
  /** Takes the answer to that. True: it begins anew, which needs no rest. */
  take: (part: Part) => boolean;
  followed: () => Followed;
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: as in log-text.ts, of which this is the beginning.
const unfinishedNoise = /\u001b(\[[0-9;?]*[ -/]*)?$/;
/** Whether they return to the start of a line or end it, as CRLF, is in what comes next. */
const returns = /(?<!\r)\r+$/;

/** The parts of one life of a file as one text: a character, a colour or a return that ends in the next part waits for it. */
function reader(): (bytes: Uint8Array) => string {
  const decoder = new TextDecoder();
  let rest = "";
  return (bytes) => {
    const all = rest + decoder.decode(bytes, { stream: true });
    const unfinished = unfinishedNoise.exec(all)?.[0] ?? "";
    const text = withoutNoise(all.slice(0, all.length - unfinished.length));
    const waiting = returns.exec(text)?.[0] ?? "";
    rest = waiting + unfinished;
    return text.slice(0, text.length - waiting.length);
  };
}

/** With what was added: it may write over the last line. */
function withMore(text: string, more: string): string {
  const line = text.lastIndexOf("\n") + 1;
  return text.slice(0, line) + asShown(text.slice(line) + more);
}

const isInsideCharacter = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;

/** Without the end of a character that begins before. */
function fromCharacter(bytes: Uint8Array): Uint8Array {
  let at = 0;
  while (at < 3 && isInsideCharacter(bytes[at])) at += 1;
  return bytes.subarray(at);
}

const isSame = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, at) => byte === b[at]);

const unread = () => ({
  end: null as number | null,
  inode: null as string | null,
  last: new Uint8Array(),
  read: reader(),
});
const nothing: Followed = { text: "", isCut: false, isRestarted: false };

/** Begins at the end of a file, and follows it through being emptied, replaced and written faster than one can read. */
export function follower(): Follower {
  let at = unread();
  let followed = nothing;
  const begin = (anew: Partial<Followed>): true => {
    at = unread();
    followed = { ...nothing, ...anew };
    return true;
  };
  /** What was seen is not what is there now. */
  const isOther = ({ from, inode, bytes, size }: Part): boolean => {
    if (at.end === null) return false;
    if (at.inode !== null && inode !== null && inode !== at.inode) return true;
    return size < at.end || (from !== null && !isSame(bytes.subarray(0, at.last.length), at.last));
  };
  const add = (bytes: Uint8Array, isCut: boolean) => {
    const text = withMore(followed.text, at.read(bytes));
    followed = {
      ...followed,
      isCut: followed.isCut || isCut || text.length > mostKept,
      text: text.slice(-mostKept),
    };
  };
  return {
    range: () => {
      if (at.end === null) return `bytes=-${firstBytes}`;
      return `bytes=${at.end - at.last.length}-${at.end + mostKept - 1}`;
    },
    take: (part) => {
      if (isOther(part)) return begin({ isRestarted: true });
      if (at.end !== null && part.size - at.end > mostKept) return begin({ isCut: true });
      const isFirst = at.end === null;
      const fresh = part.bytes.subarray(at.last.length);
      const from = part.from ?? part.size;
      add(isFirst && from > 0 ? fromCharacter(fresh) : fresh, isFirst && from > 0);
      const last = fresh.length > 0 ? part.bytes.slice(-overlapBytes) : at.last;
      at = { ...at, end: from + part.bytes.length, inode: part.inode ?? at.inode, last };
      return false;
    },
    followed: () => followed,
  };
}
