// A file as text for an editor: its first mebibyte, and what must be known to write it back unchanged.
import type { PersonActor } from "@/lib/actor";
import { recordReading } from "@/lib/files/audit";
import { openFileOf } from "@/lib/files/read-file";
import type { FileText } from "@/lib/files/schema";

export const maxTextBytes = 1024 * 1024;

type Decoded = Pick<FileText, "text" | "encoding" | "bom" | "lineEnds">;

function lineEndsOf(text: string): FileText["lineEnds"] {
  const crlf = text.split("\r\n").length - 1;
  const all = text.split("\n").length - 1;
  // On its own it begins a line, too: an editor makes the others of it.
  if (/\r(?!\n)/.test(text)) return "mixed";
  if (crlf === 0) return "lf";
  return crlf === all ? "crlf" : "mixed";
}

/** UTF-8 where it is, else Latin-1, in which every byte stands for something; with a NUL in it it is no text. */
export function decodeText(bytes: Buffer, isWhole: boolean): Decoded {
  if (bytes.includes(0)) return { text: "", encoding: "binary", bom: false, lineEnds: "lf" };
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes, { stream: !isWhole });
    const bom = text.startsWith("\ufeff");
    return { text: bom ? text.slice(1) : text, encoding: "utf-8", bom, lineEnds: lineEndsOf(text) };
  } catch {
    const text = bytes.toString("latin1");
    return { text, encoding: "latin-1", bom: false, lineEnds: lineEndsOf(text) };
  }
}

/** The text of a file. */
export async function readText(
  actor: PersonActor,
  where: { cluster: string; path: string },
  signal: AbortSignal,
): Promise<FileText> {
  const { facts, body } = await openFileOf(actor, { ...where, range: { from: 0, to: maxTextBytes - 1 }, signal });
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk);
  await recordReading(actor, { action: "file.opened", cluster: where.cluster, paths: [facts.path] });
  const { path, size, mode, writable } = facts;
  const truncated = size > maxTextBytes;
  return {
    ...decodeText(Buffer.concat(chunks), !truncated),
    ...{ path, size, truncated, mode, writable },
    etag: `"${facts.tag}"`,
    modifiedAt: facts.modifiedAt.toISOString(),
  };
}
