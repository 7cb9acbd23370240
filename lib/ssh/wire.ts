// The SSH wire encoding of RFC 4251 section 5. Nothing here knows what the bytes mean.

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export function uint64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
}

/** A length and the bytes; text is UTF-8. */
export function string(value: string | Uint8Array): Buffer {
  const bytes = typeof value === "string" ? Buffer.from(value) : value;
  return Buffer.concat([uint32(bytes.length), bytes]);
}

/** Several `string`s, as one. */
export function strings(values: readonly (string | Uint8Array)[]): Buffer {
  return Buffer.concat(values.map(string));
}

/** An unsigned number: no leading zeros, and one zero byte where the top bit would make it negative. */
export function mpint(magnitude: Uint8Array): Buffer {
  const start = magnitude.findIndex((byte) => byte !== 0);
  if (start === -1) return string("");
  const digits = magnitude.subarray(start);
  const isNegative = ((digits[0] ?? 0) & 0x80) !== 0;
  return string(isNegative ? Buffer.concat([Buffer.from([0]), digits]) : digits);
}

export type WireReader = {
  uint32(): number;
  uint64(): bigint;
  string(): Buffer;
  text(): string;
  isAtEnd(): boolean;
};

/** Reads what the functions above wrote; throws RangeError where the bytes run out. */
export function wireReader(bytes: Uint8Array): WireReader {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let position = 0;
  const take = (length: number): Buffer => {
    if (position + length > buffer.length) throw new RangeError("SSH data ends early");
    position += length;
    return buffer.subarray(position - length, position);
  };
  const reader: WireReader = {
    uint32: () => take(4).readUInt32BE(),
    uint64: () => take(8).readBigUInt64BE(),
    string: () => take(reader.uint32()),
    text: () => reader.string().toString("utf8"),
    isAtEnd: () => position === buffer.length,
  };
  return reader;
}
