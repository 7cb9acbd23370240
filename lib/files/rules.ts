// File names are bytes: any but NUL and "/". In the API a path is text in which every byte that is not plain ASCII is
// spelled %XX, so that a name which is no UTF-8 survives JSON, addresses and the browser. Browser and server.

const PLAIN = /^[A-Za-z0-9._~+,=@ -]$/;
export const maxNameBytes = 255;
export const maxPathBytes = 4096;

const spelled = (byte: number): string => {
  const character = String.fromCharCode(byte);
  return PLAIN.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
};

/** Bytes of one name (no "/" in it) as the API writes them. */
export const encodeName = (bytes: Uint8Array): string => Array.from(bytes, spelled).join("");

/** Bytes of a path as the API writes them. */
export const encodePath = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => (byte === 0x2f ? "/" : spelled(byte))).join("");

/** The bytes that an encoded name or path stands for, or null when it is malformed. What is not %XX stands for its UTF-8. */
export function decodeBytes(encoded: string): Uint8Array<ArrayBuffer> | null {
  const bytes: number[] = [];
  const text = new TextEncoder();
  for (const [piece = "", hex] of encoded.matchAll(/%([0-9A-Fa-f]{2})|[^%]+|%/g)) {
    if (piece === "%") return null;
    if (hex === undefined) for (const byte of text.encode(piece)) bytes.push(byte);
    else bytes.push(Number.parseInt(hex, 16));
  }
  return bytes.includes(0) ? null : Uint8Array.from(bytes);
}

/** What somebody typed as a name, encoded. */
export const encodeTyped = (name: string): string => encodeName(new TextEncoder().encode(name));

/** Characters that move a cursor, hide or turn text around. */
const HIDDEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is the purpose.
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

const shown = (character: string): string => {
  const code = character.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  if (code === 0x7f) return "␡";
  return `\\u${code.toString(16).padStart(4, "0")}`;
};

/** A name or path as people see it: broken bytes as U+FFFD, control characters as the signs that stand for them. */
export const displayText = (bytes: Uint8Array): string =>
  new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes).replace(HIDDEN, shown);

/** As `displayText`, of an encoded name or path. */
export const displayPath = (encoded: string): string => displayText(decodeBytes(encoded) ?? new Uint8Array());

/** Where a path is and what it is called there, both encoded; the name is "" for the top of everything. */
export function splitPath(path: string): { folder: string; name: string } {
  const whole = path.replace(/\/+$/, "");
  const at = whole.lastIndexOf("/");
  return { folder: whole.slice(0, at) || "/", name: whole.slice(at + 1) };
}

export const joinPath = (folder: string, name: string): string => `${folder.replace(/\/+$/, "")}/${name}`;

/** Why a new name cannot be taken, in a sentence, or null. */
export function nameFault(encoded: string): string | null {
  const bytes = decodeBytes(encoded);
  if (bytes === null || bytes.length === 0) return "Give it a name.";
  if (bytes.includes(0x2f)) return "A name has no / in it.";
  const text = displayText(bytes);
  if (text === "." || text === "..") return "This name stands for a folder itself.";
  if (bytes.length > maxNameBytes) return `A name has at most ${maxNameBytes} bytes.`;
  if (text.startsWith(".berth-")) return "Names that begin with .berth- are the portal's own.";
  return null;
}

/**
 * Names that programs read on their own, so that a new file of that name changes what happens at the next login or run. They
 * are written only when the person said so.
 */
export const needsConfirmation = (encoded: string): boolean => displayPath(encoded).startsWith(".");
