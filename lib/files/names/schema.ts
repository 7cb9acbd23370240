// Paths and names as the API takes them. Browser and server.
//
// File names are bytes: any but NUL and "/". In the API a path is text in which every byte that is not plain ASCII is
// spelled %XX, so that a name which is no UTF-8 survives JSON, addresses and the browser.
import { z } from "zod";

export const maxNameBytes = 255;
export const maxPathBytes = 4096;

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

/** Why a new name cannot be taken, in a sentence, or null. */
export function nameFault(encoded: string): string | null {
  const bytes = decodeBytes(encoded);
  if (bytes === null || bytes.length === 0) return "Give it a name.";
  if (bytes.includes(0x2f)) return "A name has no / in it.";
  if (bytes.length > maxNameBytes) return `A name has at most ${maxNameBytes} bytes.`;
  const text = String.fromCharCode(...bytes);
  if (text === "." || text === "..") return "This name stands for a folder itself.";
  if (text.startsWith(".berth-")) return "Names that begin with .berth- are the portal's own.";
  return null;
}

const encoded = z.string().max(3 * maxPathBytes);

/** An absolute path, or one that begins with `~`, the person's home. */
export const filePath = encoded.regex(/^(\/|~$|~\/)/, "Give an absolute path.").refine((path) => {
  const bytes = decodeBytes(path);
  return bytes !== null && bytes.length < maxPathBytes;
}, "This path is not well formed: write % as %25.");

/** One name that is to be made, encoded like a path. */
export const fileName = encoded.superRefine((name, context) => {
  const fault = nameFault(name);
  if (fault) context.addIssue({ code: "custom", message: fault });
});
