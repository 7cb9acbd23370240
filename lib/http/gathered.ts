// Small pieces of a stream put together: each piece costs a packet or a write of its own further on, however small it is.

const GATHERED_BYTES = 64 * 1024;

/** The same bytes in pieces of 64 KiB or more, where the source has smaller ones. Its own pieces may be reused by it afterwards. */
export async function* gathered(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let parts: Uint8Array[] = [];
  let bytes = 0;
  const take = () => {
    const whole = Buffer.concat(parts, bytes);
    parts = [];
    bytes = 0;
    return whole;
  };
  for await (const part of source) {
    if (part.length >= GATHERED_BYTES && bytes === 0) {
      yield Buffer.from(part.buffer, part.byteOffset, part.length);
      continue;
    }
    parts.push(part);
    bytes += part.length;
    if (bytes >= GATHERED_BYTES) yield take();
  }
  if (bytes > 0) yield take();
}
