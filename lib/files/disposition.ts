// Headers under which the bytes of a file may leave: always to be kept, never to be shown as a page of ours.
import { decodeBytes } from "@/lib/files/names/schema";

/** Media types that browsers draw without running anything. SVG is not one of them. */
const images: Record<string, string> = {
  ...{ png: "image/png", jpg: "image/jpeg", jpeg: "image/jpeg", gif: "image/gif" },
  ...{ webp: "image/webp", avif: "image/avif", bmp: "image/bmp" },
};

export const mediaTypeOf = (name: string): string =>
  images[/\.([a-z]{3,4})$/i.exec(name)?.[1]?.toLowerCase() ?? ""] ?? "application/octet-stream";

// RFC 8187 section 3.2.1: attr-char.
const spelled = (text: string): string =>
  encodeURIComponent(text).replace(/['()*]/g, (found) => `%${found.charCodeAt(0).toString(16).toUpperCase()}`);

/** What no file system, or no eye, takes: of the signs that cannot be seen only joiners, with which words and emoji are spelled. */
const UNSAFE = /[/\\:*?"<>|\ufffd\p{Cc}\p{Zl}\p{Zp}]|(?![\u200c\u200d])\p{Cf}/gu;

/** Content-Disposition for a file whose name is `encoded`: RFC 6266, with a plain name for old clients. */
export function attachment(encoded: string): string {
  const name = new TextDecoder("utf-8", { ignoreBOM: true }).decode(decodeBytes(encoded) ?? new Uint8Array());
  const safe = name.replace(UNSAFE, "_") || "file";
  const ascii = safe.replace(/[^\x20-\x7e]/g, "_").replace(/%/g, "_");
  return `attachment; filename="${ascii}"; filename*=UTF-8''${spelled(safe)}`;
}

/** For every answer that is a file's bytes. */
export const inert = {
  "content-security-policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "private, no-cache",
};
