// Reads what `tar --format=gnu` or a POSIX tar without extended headers writes, while it comes; names are bytes.
// https://www.gnu.org/software/tar/manual/html_node/Standard.html
import { PortalError } from "@/lib/errors";
import { dateOf } from "@/lib/files/rules";

const BLOCK = 512;
const MAX_NAME_BYTES = 1024 * 1024;

export type TarEntry = {
  type: "file" | "folder" | "link" | "other";
  name: Buffer;
  /** Of a link: where it points. */
  target: Buffer;
  size: number;
  mode: number;
  modifiedAt: Date;
  /** To be read to its end, or not at all, before the next entry. */
  body: AsyncGenerator<Buffer>;
};

const types: Record<string, TarEntry["type"]> = { "0": "file", "\0": "file", "5": "folder", "2": "link" };

/** Exactly so many bytes at a time out of a stream of chunks. */
function byteReader(source: AsyncIterator<Buffer>) {
  let held: Buffer = Buffer.alloc(0);
  async function more(): Promise<void> {
    const { done, value } = await source.next();
    if (done) throw new PortalError("cluster", "The archive broke off.");
    held = value;
  }
  async function* stream(count: number): AsyncGenerator<Buffer> {
    let left = count;
    while (left > 0) {
      if (held.length === 0) await more();
      const part = held.subarray(0, left);
      held = held.subarray(part.length);
      left -= part.length;
      if (part.length > 0) yield part;
    }
  }
  async function take(count: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for await (const part of stream(count)) parts.push(part);
    return parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
  }
  return { stream, take };
}

const untilNul = (field: Buffer): Buffer => {
  const end = field.indexOf(0);
  return end === -1 ? field : field.subarray(0, end);
};

/** Octal text, or where that is too short: the high bit, then the number itself, big-endian. */
function numberOf(field: Buffer): number {
  const first = field[0] ?? 0;
  if (first < 0x80) return Number.parseInt(untilNul(field).toString("latin1").trim() || "0", 8);
  const bits = BigInt(`0x${field.subarray(1).toString("hex")}`);
  return Number(first === 0xff ? BigInt.asIntN(8 * (field.length - 1), bits) : bits);
}

/** POSIX tars (macOS, BSD) keep the beginning of a long name apart; GNU's have something else there. */
function nameOf(header: Buffer): Buffer {
  const name = untilNul(header.subarray(0, 100));
  const prefix =
    header.toString("latin1", 257, 263) === "ustar\0" ? untilNul(header.subarray(345, 500)) : name.subarray(0, 0);
  return prefix.length === 0 ? name : Buffer.concat([prefix, Buffer.from("/"), name]);
}

function entryOf(header: Buffer, long: { L?: Buffer; K?: Buffer }, body: AsyncGenerator<Buffer>): TarEntry {
  return {
    type: types[header.toString("latin1", 156, 157)] ?? "other",
    name: Buffer.from(long.L ?? nameOf(header)),
    target: Buffer.from(long.K ?? untilNul(header.subarray(157, 257))),
    size: numberOf(header.subarray(124, 136)),
    mode: numberOf(header.subarray(100, 108)) & 0o7777,
    modifiedAt: dateOf(numberOf(header.subarray(136, 148))),
    body,
  };
}

const paddingOf = (size: number): number => (BLOCK - (size % BLOCK)) % BLOCK;

/** The bytes of an archive as they come, without the empty blocks at its end: more may follow. Throws `cluster` where it broke off. */
export async function* tarBytes(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const chunks = source[Symbol.asyncIterator]();
  const { stream, take } = byteReader(chunks);
  try {
    for (let header = await take(BLOCK); header[0] !== 0; header = await take(BLOCK)) {
      yield header;
      const size = numberOf(header.subarray(124, 136));
      yield* stream(size + paddingOf(size));
    }
    while (!(await chunks.next()).done);
  } finally {
    await chunks.return?.();
  }
}

/** The entries of an archive. What is not read of an entry is skipped. */
export async function* tarEntries(source: AsyncIterable<Buffer>): AsyncGenerator<TarEntry> {
  const chunks = source[Symbol.asyncIterator]();
  const { stream, take } = byteReader(chunks);
  let long: { L?: Buffer; K?: Buffer } = {};
  try {
    for (let header = await take(BLOCK); header[0] !== 0; header = await take(BLOCK)) {
      const kind = header.toString("latin1", 156, 157);
      const size = numberOf(header.subarray(124, 136));
      const padding = paddingOf(size);
      if (kind === "L" || kind === "K") {
        if (size > MAX_NAME_BYTES) throw new PortalError("cluster", "A name in the archive is too long.");
        long = { ...long, [kind]: Buffer.from(untilNul(await take(size))) };
        await take(padding);
        continue;
      }
      const entry = entryOf(header, long, stream(size));
      long = {};
      yield entry;
      for await (const _rest of entry.body);
      await take(padding);
    }
    // Read on to the end, so that the program ends on its own and says how.
    while (!(await chunks.next()).done);
  } finally {
    await chunks.return?.();
  }
}
