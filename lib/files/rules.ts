// Encoded paths: making, taking apart and showing them. What they are is said in names/schema. Browser and server.
import { decodeBytes } from "@/lib/files/names/schema";

export { nameFault } from "@/lib/files/names/schema";
export { tarEnd, tarHeader, tarPadding } from "@/lib/files/tar/rules";

const PLAIN = /^[A-Za-z0-9._~+,=@ -]$/;

const spelled = (byte: number): string => {
  const character = String.fromCharCode(byte);
  return PLAIN.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
};

/** Bytes of one name (no "/" in it) as the API writes them. */
export const encodeName = (bytes: Uint8Array): string => Array.from(bytes, spelled).join("");

/** Bytes of a path as the API writes them. */
export const encodePath = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => (byte === 0x2f ? "/" : spelled(byte))).join("");

/** What somebody typed as a name, encoded. */
export const encodeTyped = (name: string): string => encodeName(new TextEncoder().encode(name));

/** Seconds since 1970 of the years that ISO 8601 writes with four digits. */
const YEAR_0 = -62_167_219_200;
const YEAR_9999 = 253_402_300_799;

/** Seconds since 1970, as a cluster says them, as the nearest time that can be written: a file may claim any. Not a number: 1970. */
export const dateOf = (seconds: number): Date => new Date(Math.min(Math.max(seconds || 0, YEAR_0), YEAR_9999) * 1000);

/**
 * Characters that move a cursor, hide or turn text around. U+200C and U+200D are how words of Persian and Hindi are spelled, and how
 * an emoji is put together; after ASCII they do nothing but hide.
 */
const HIDDEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is the purpose.
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]|(?<![\u0080-\uffff])[\u200c\u200d]/g;

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

/** The path as it is typed in a shell, for what takes text and no bytes; null when it is no valid UTF-8. */
export function plainPath(encoded: string): string | null {
  const bytes = decodeBytes(encoded);
  try {
    return bytes && new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

/**
 * A name as one may go on typing it. What is no valid UTF-8, and control characters, no field takes: such a name is given as it is
 * shown, and `isWhole` is false.
 */
export function typedName(encoded: string): { text: string; isWhole: boolean } {
  const plain = plainPath(encoded);
  return plain !== null && !/\p{Cc}/u.test(plain)
    ? { text: plain, isWhole: true }
    : { text: displayPath(encoded), isWhole: false };
}

/** Where a path is and what it is called there, both encoded; the name is "" for the top of everything. */
export function splitPath(path: string): { folder: string; name: string } {
  const whole = path.replace(/\/+$/, "");
  const at = whole.lastIndexOf("/");
  return { folder: whole.slice(0, at) || "/", name: whole.slice(at + 1) };
}

export const joinPath = (folder: string, name: string): string => `${folder.replace(/\/+$/, "")}/${name}`;

const ARCHIVE = /^(.+?)\.(zip|tar|tar\.(gz|bz2|xz)|tgz|tbz2|txz)$/i;

/** What an archive that the portal can unpack is called without its ending; null for what it cannot. */
export const archiveBase = (name: string): string | null => ARCHIVE.exec(name)?.[1] ?? null;

/**
 * Names that programs read on their own, so that a new file of that name changes what happens at the next login or run. They
 * are written only when the person said so.
 */
export const needsConfirmation = (encoded: string): boolean => displayPath(encoded).startsWith(".");

/** Whether a folder, or one on the way to it from `root`, has such a name: what is put there is read by programs, too. */
export const isHiddenFolder = (folder: string, root = ""): boolean =>
  (folder.startsWith(root) ? folder.slice(root.length) : folder).split("/").some(needsConfirmation);
