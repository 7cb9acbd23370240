// Writes a zip while its files come: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT . Own, because names are bytes here
// and the libraries want text. Small files are stored, large ones are deflated with their length after them; nothing is kept but
// the directory at the end.

import { isUtf8 } from "node:buffer";
import { Readable } from "node:stream";
import { crc32, createDeflateRaw } from "node:zlib";
import { PortalError } from "@/lib/errors";

/** Up to here a file is held whole, so that its length and checksum can stand before it, as every reader understands. */
const SMALL_BYTES = 256 * 1024;
/** From here on lengths take eight bytes; below the limit, as deflate can make a file a little longer. */
const LARGE = 0xf000_0000;
const MAX_32 = 0xffff_ffff;
const MAX_DIRECTORY_BYTES = 96 * 1024 * 1024;
const MADE_BY_UNIX = (3 << 8) | 45;
const STREAMED = 1 << 3;
const UTF8_NAME = 1 << 11;

export type ZipFile = {
  name: Buffer;
  /** With the kind of file, as st_mode has it. */
  mode: number;
  modifiedAt: Date;
  size: number;
  body: AsyncIterable<Buffer>;
};

type Record = {
  file: ZipFile;
  flags: number;
  method: 0 | 8;
  offset: number;
  crc: number;
  stored: number;
  size: number;
};

/** Date and time as DOS kept them, in UTC; the extra field beside it has the seconds. */
function dosTime(at: Date): number {
  const year = Math.min(Math.max(at.getUTCFullYear(), 1980), 2107);
  const date = ((year - 1980) << 9) | ((at.getUTCMonth() + 1) << 5) | at.getUTCDate();
  const time = (at.getUTCHours() << 11) | (at.getUTCMinutes() << 5) | (at.getUTCSeconds() >> 1);
  return date * 0x10000 + time;
}

function timeExtra(at: Date): Buffer {
  const extra = Buffer.alloc(9);
  extra.writeUInt16LE(0x5455, 0);
  extra.writeUInt16LE(5, 2);
  extra.writeUInt8(1, 4);
  extra.writeInt32LE(Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, Math.floor(at.getTime() / 1000))), 5);
  return extra;
}

function longExtra(values: number[]): Buffer {
  if (values.length === 0) return Buffer.alloc(0);
  const extra = Buffer.alloc(4 + 8 * values.length);
  extra.writeUInt16LE(1, 0);
  extra.writeUInt16LE(8 * values.length, 2);
  values.forEach((value, at) => {
    extra.writeBigUInt64LE(BigInt(value), 4 + 8 * at);
  });
  return extra;
}

/** What a local header and a directory entry have in common, from "version needed" to the length of the name. */
function common({ file, flags, method, crc, stored, size }: Record): Buffer {
  const fields = Buffer.alloc(24);
  fields.writeUInt16LE(45, 0);
  fields.writeUInt16LE(flags, 2);
  fields.writeUInt16LE(method, 4);
  fields.writeUInt32LE(dosTime(file.modifiedAt), 6);
  fields.writeUInt32LE(crc, 10);
  fields.writeUInt32LE(Math.min(stored, MAX_32), 14);
  fields.writeUInt32LE(Math.min(size, MAX_32), 18);
  fields.writeUInt16LE(file.name.length, 22);
  return fields;
}

const signature = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
const short = (value: number): Buffer => Buffer.of(value & 0xff, value >> 8);

function localHeader(record: Record): Buffer {
  const { file, flags } = record;
  const isLong = (flags & STREAMED) !== 0 && file.size >= LARGE;
  const extra = Buffer.concat([timeExtra(file.modifiedAt), longExtra(isLong ? [0, 0] : [])]);
  const said = isLong ? { ...record, stored: MAX_32, size: MAX_32 } : record;
  return Buffer.concat([signature(0x0403_4b50), common(said), short(extra.length), file.name, extra]);
}

/** After a body whose length was not known before it. */
function lengths({ file, crc, stored, size }: Record): Buffer {
  const isLong = file.size >= LARGE;
  const bytes = Buffer.alloc(isLong ? 24 : 16);
  bytes.writeUInt32LE(0x0807_4b50, 0);
  bytes.writeUInt32LE(crc, 4);
  if (isLong) {
    bytes.writeBigUInt64LE(BigInt(stored), 8);
    bytes.writeBigUInt64LE(BigInt(size), 16);
  } else {
    bytes.writeUInt32LE(stored, 8);
    bytes.writeUInt32LE(size, 12);
  }
  return bytes;
}

function directoryEntry(record: Record): Buffer {
  const { file, size, stored, offset } = record;
  const long = longExtra([size, stored, offset].filter((value) => value >= MAX_32));
  const extra = Buffer.concat([timeExtra(file.modifiedAt), long]);
  const rest = Buffer.alloc(16);
  rest.writeUInt16LE(extra.length, 0);
  // A folder in DOS' own words, for readers that know no others.
  rest.writeUInt32LE(file.mode * 0x10000 + ((file.mode & 0o170000) === 0o040000 ? 0x10 : 0), 8);
  rest.writeUInt32LE(Math.min(offset, MAX_32), 12);
  return Buffer.concat([signature(0x0201_4b50), short(MADE_BY_UNIX), common(record), rest, file.name, extra]);
}

function endOf(count: number, bytes: number, offset: number): Buffer {
  const long = Buffer.alloc(76);
  long.writeUInt32LE(0x0606_4b50, 0);
  long.writeBigUInt64LE(44n, 4);
  long.writeUInt16LE(MADE_BY_UNIX, 12);
  long.writeUInt16LE(45, 14);
  for (const at of [24, 32]) long.writeBigUInt64LE(BigInt(count), at);
  long.writeBigUInt64LE(BigInt(bytes), 40);
  long.writeBigUInt64LE(BigInt(offset), 48);
  long.writeUInt32LE(0x0706_4b50, 56);
  long.writeBigUInt64LE(BigInt(offset + bytes), 64);
  long.writeUInt32LE(1, 72);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x0605_4b50, 0);
  for (const at of [8, 10]) end.writeUInt16LE(Math.min(count, 0xffff), at);
  end.writeUInt32LE(Math.min(bytes, MAX_32), 12);
  end.writeUInt32LE(Math.min(offset, MAX_32), 16);
  const needsLong = count >= 0xffff || offset >= MAX_32 || bytes >= MAX_32;
  return needsLong ? Buffer.concat([long, end]) : end;
}

async function* small(record: Record): AsyncGenerator<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of record.file.body) parts.push(Buffer.from(part));
  const content = Buffer.concat(parts);
  Object.assign(record, { crc: crc32(content), stored: content.length, size: content.length });
  yield localHeader(record);
  yield content;
}

async function* large(record: Record): AsyncGenerator<Buffer> {
  yield localHeader(record);
  const state = { crc: 0, size: 0, stored: 0 };
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const part of record.file.body) {
      state.crc = crc32(part, state.crc);
      state.size += part.length;
      yield part;
    }
  }
  const plain = Readable.from(counted(), { objectMode: false });
  const deflated = createDeflateRaw({ level: 1 });
  plain.once("error", (error) => deflated.destroy(error)).pipe(deflated);
  for await (const part of deflated) {
    state.stored += part.length;
    yield part;
  }
  Object.assign(record, state);
  yield lengths(record);
}

/** The bytes of a zip of `files`. */
export async function* zip(files: AsyncIterable<ZipFile>): AsyncGenerator<Buffer> {
  const directory: Buffer[] = [];
  let directoryBytes = 0;
  let offset = 0;
  for await (const file of files) {
    const isSmall = file.size <= SMALL_BYTES;
    const flags = (isUtf8(file.name) ? UTF8_NAME : 0) | (isSmall ? 0 : STREAMED);
    const record: Record = { file, flags, method: isSmall ? 0 : 8, offset, crc: 0, stored: 0, size: 0 };
    for await (const part of isSmall ? small(record) : large(record)) {
      offset += part.length;
      yield part;
    }
    const entry = directoryEntry(record);
    directoryBytes += entry.length;
    if (directoryBytes > MAX_DIRECTORY_BYTES)
      throw new PortalError("denied", "There are too many files for one zip: take a tar.");
    directory.push(entry);
  }
  yield* directory;
  yield endOf(directory.length, directoryBytes, offset);
}
