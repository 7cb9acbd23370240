// What Ctrl makes of a key where there is none to hold: the key row of phones.

const encoder = new TextEncoder();
const SPACE = 0x20;
const DELETE = 0x7f;
/** Ctrl with these is what terminals have sent since the VT100, though their codes alone do not say so. */
const SIGNS: Record<number, number> = { [SPACE]: 0, 45: 0x1f, 47: 0x1f, 63: DELETE, [DELETE]: 0x08 };
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences of keys.
const ARROW = /^\x1b[[O]([A-D])$/;

/** Ctrl and what a key sends: a letter without its upper bits, as ASCII has it; an arrow as xterm says it. */
export function withCtrl(bytes: Uint8Array): Uint8Array {
  const [, arrow] = ARROW.exec(new TextDecoder().decode(bytes)) ?? [];
  if (arrow) return encoder.encode(`\x1b[1;5${arrow}`);
  const [first] = bytes;
  if (bytes.length !== 1 || first === undefined) return bytes;
  const sign = SIGNS[first];
  if (sign !== undefined) return Uint8Array.of(sign);
  return first >= 0x40 && first < DELETE ? Uint8Array.of(first & 0x1f) : bytes;
}
