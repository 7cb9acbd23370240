// A ustar archive in memory: how files travel to a login node in one stream that any `tar` there unpacks.
// Format: IEEE Std 1003.1, pax(1), "ustar Interchange Format". Only plain files of mode 0600 with short names.
import type { JobFile } from "./scheduler";

const BLOCK = 512;
const NAME_BYTES = 100;
const encoder = new TextEncoder();

/** Packs files into one archive. Throws on a name that is not one plain path component of at most 100 bytes. */
export function tar(files: JobFile[]): Uint8Array {
  const blocks = files.flatMap((file) => [header(file), padded(file.content)]);
  return concat([...blocks, new Uint8Array(2 * BLOCK)]);
}

function header(file: JobFile): Uint8Array {
  const block = new Uint8Array(BLOCK);
  const put = (offset: number, text: string) => block.set(encoder.encode(text), offset);
  put(0, checkedName(file.name));
  put(100, "0000600\0");
  put(108, "0000000\0");
  put(116, "0000000\0");
  put(124, `${octal(file.content.length, 11)} `);
  // Modification time 0 makes some tar programs warn about "implausibly old" files; 2000-01-01 does not.
  put(136, `${octal(946_684_800, 11)} `);
  put(148, "        ");
  put(156, "0");
  put(257, "ustar\x0000");
  const sum = block.reduce((total, byte) => total + byte, 0);
  put(148, `${octal(sum, 6)}\0 `);
  return block;
}

function checkedName(name: string): string {
  const bytes = encoder.encode(name).length;
  if (!/^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(name) || bytes > NAME_BYTES)
    throw new Error(`not a plain file name: ${name}`);
  return name;
}

const octal = (value: number, digits: number) => value.toString(8).padStart(digits, "0");

function padded(content: Uint8Array): Uint8Array {
  const block = new Uint8Array(Math.ceil(content.length / BLOCK) * BLOCK);
  block.set(content);
  return block;
}

function concat(parts: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
