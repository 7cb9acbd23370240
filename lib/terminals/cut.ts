// Where a stream of terminal output may be cut, and what of it must be kept when most is thrown away. A cut inside an
// escape sequence or a character would show its tail as text (ECMA-48 5.4, RFC 3629).

// biome-ignore-start lint/suspicious/noControlCharactersInRegex: control characters are what this file is about.
const ESC = "\x1b";
/** No sequence that matters is longer; an OSC that never ends must not hold up everything. */
const LONGEST = 64 * 1024;

/** An escape sequence whose end is missing, at the end of a text: CSI, a string (OSC, DCS, PM, APC, SOS) or a short one. */
const UNFINISHED = /^\x1b(?:\[[\x20-\x3f]*|[\]PX^_][^\x07\x1b\x18\x1a]*\x1b?|[\x20-\x2f]*)$/;

const C1 = /\xc2[\x80-\x9f]/g;

/**
 * UTF-8, given in latin1, with each C1 control as ESC and the letter that mean the same (ECMA-48 5.3), which is as long:
 * xterm takes both.
 */
export const inEscapes = (text: string): string =>
  text.replace(C1, (pair) => ESC + String.fromCharCode(pair.charCodeAt(1) - 0x40));

/** How many bytes at the end are the beginning of a UTF-8 character. */
function unfinishedCharacter(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) > back ? back : 0;
  }
  return 0;
}

/** The greatest length up to which `bytes` can be cut without splitting a sequence or a character. */
export function safeLength(bytes: Uint8Array): number {
  const from = Math.max(0, bytes.length - LONGEST);
  const tail = inEscapes(Buffer.from(bytes.buffer, bytes.byteOffset + from, bytes.length - from).toString("latin1"));
  let cut: number | null = null;
  let at = tail.lastIndexOf(ESC);
  // Two: a string sequence may end in ESC \, so the last ESC need not be the one that began it.
  for (let tries = 0; at >= 0 && tries < 2; tries += 1) {
    if (UNFINISHED.test(tail.slice(at))) cut = at;
    at = at > 0 ? tail.lastIndexOf(ESC, at - 1) : -1;
  }
  if (cut !== null) return from + cut;
  return bytes.length - unfinishedCharacter(bytes);
}

const SEQUENCES =
  /\x1b(?:\[[\x20-\x3f]*[\x40-\x7e]|[\]PX^_][^\x07\x1b]{0,4096}(?:\x07|\x1b\\)|[\x20-\x2f]*[\x30-\x7e])|[\x0e\x0f]/g;

/** Only the escape sequences of `bytes`: modes, colours and the cursor stay right when text that scrolled away is left out. */
export function sequencesOf(bytes: Uint8Array): Uint8Array {
  const text = inEscapes(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1"));
  return Buffer.from(text.match(SEQUENCES)?.join("") ?? "", "latin1");
}
// biome-ignore-end lint/suspicious/noControlCharactersInRegex: as above.
