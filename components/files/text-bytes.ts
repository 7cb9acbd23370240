// A text as the bytes of its file: with the encoding, the mark and the line ends that it had.
import type { FileText } from "@/lib/files/schema";

type How = Pick<FileText, "encoding" | "bom" | "lineEnds">;

/** Null when the text has a sign that its encoding has none for. */
export function bytesOf(text: string, { encoding, bom, lineEnds }: How): Blob | null {
  const unix = text.replace(/\r\n?/g, "\n");
  const whole = (bom ? "\ufeff" : "") + (lineEnds === "crlf" ? unix.replaceAll("\n", "\r\n") : unix);
  if (encoding !== "latin-1") return new Blob([whole]);
  const codes = Array.from(whole, (sign) => sign.codePointAt(0) ?? 0);
  return codes.every((code) => code <= 0xff) ? new Blob([Uint8Array.from(codes)]) : null;
}
