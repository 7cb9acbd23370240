// What stands before a file in a tar, of the kind that every tar(1) reads: ustar, with GNU's own entry before a long name.
// Pure. https://www.gnu.org/software/tar/manual/html_node/Standard.html . Browser and server.

const BLOCK = 512;

const put = (header: Uint8Array, at: number, text: string): void => header.set(new TextEncoder().encode(text), at);

function block(name: Uint8Array, { kind, size, mode }: { kind: string; size: number; mode: number }): Uint8Array {
  const header = new Uint8Array(BLOCK);
  header.set(name.subarray(0, 100), 0);
  put(header, 100, `${mode.toString(8).padStart(7, "0")}\0${"0000000\0".repeat(2)}`);
  put(header, 124, `${size.toString(8).padStart(11, "0")}\0${"0".repeat(11)}\0        ${kind}`);
  put(header, 257, "ustar  \0");
  const sum = header.reduce((total, byte) => total + byte, 0);
  put(header, 148, `${sum.toString(8).padStart(6, "0")}\0 `);
  return header;
}

/** Zero bytes that fill up what follows a header to whole blocks. */
export const tarPadding = (size: number): Uint8Array<ArrayBuffer> => new Uint8Array((BLOCK - (size % BLOCK)) % BLOCK);

/** Two empty blocks: the end. */
export const tarEnd = (): Uint8Array<ArrayBuffer> => new Uint8Array(2 * BLOCK);

type Head = { name: Uint8Array; kind: "file" | "folder"; size: number; mode: number };

/** The header of one entry; its bytes and their padding follow. At most 8 GiB. */
export function tarHeader({ name, kind, size, mode }: Head): Uint8Array<ArrayBuffer> {
  const own = block(name, { kind: kind === "file" ? "0" : "5", size, mode });
  if (name.length <= 100) return Uint8Array.from(own);
  const long = block(new TextEncoder().encode("././@LongLink"), { kind: "L", size: name.length + 1, mode: 0o644 });
  const padded = name.length + 1 + tarPadding(name.length + 1).length;
  const all = new Uint8Array(BLOCK + padded + BLOCK);
  all.set(long, 0);
  all.set(name, BLOCK);
  all.set(own, BLOCK + padded);
  return all;
}
