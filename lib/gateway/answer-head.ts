// The head of an app's answer, for the quick way through the gateway (plain-exchange.ts). Reads what RFC 9112 allows and most
// apps send; whatever else is null, and goes the slow way, where Node's own parser judges it.
import type { RawHeaders } from "@/lib/gateway/header-rules";

/** Where the body ends. RFC 9112 section 6.3. */
export type BodyEnd = { by: "nothing" } | { by: "length"; bytes: number } | { by: "chunks" } | { by: "close" };

export type AnswerHead = {
  status: number;
  reason: string;
  headers: RawHeaders;
  bodyEnd: BodyEnd;
  /** Null: the connection ends after this answer. */
  keptSeconds: number | null;
};

const statusLine = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: ([\t\x20-\x7e\x80-\xff]*))?$/;
const field = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([\t\x20-\x7e\x80-\xff]*)$/;
/** For an app that does not say how long it keeps an idle connection. */
const usualKeptSeconds = 60;

type Said = { lengths: string[]; codings: string[]; connection: string; keepAlive: string };

function readFields(lines: string[], headers: RawHeaders): Said | null {
  const said: Said = { lengths: [], codings: [], connection: "", keepAlive: "" };
  for (const line of lines) {
    const [, name = "", value = ""] = field.exec(line) ?? [];
    if (name === "") return null;
    const text = value.trimEnd();
    headers.push(name, text);
    switch (name.toLowerCase()) {
      case "content-length":
        said.lengths.push(text);
        break;
      case "transfer-encoding":
        said.codings.push(text.toLowerCase());
        break;
      case "connection":
        said.connection += `,${text.toLowerCase()}`;
        break;
      case "keep-alive":
        said.keepAlive = text;
        break;
    }
  }
  return said;
}

function bodyEndOf({ lengths, codings }: Said, status: number, isHead: boolean): BodyEnd | null {
  const [length] = lengths;
  if (lengths.length > 1 || (length !== undefined && !/^\d{1,15}$/.test(length))) return null;
  // Whatever the headers say of a body.
  if (isHead || status === 204 || status === 304) return { by: "nothing" };
  if (codings.length > 0) return codings.join() === "chunked" && length === undefined ? { by: "chunks" } : null;
  return length === undefined ? { by: "close" } : { by: "length", bytes: Number(length) };
}

/** Reads a head without the empty line at its end. `isHead`: the answer to a HEAD request, which has no body. */
export function readAnswerHead(text: string, isHead: boolean): AnswerHead | null {
  const [first = "", ...lines] = text.split("\r\n");
  const [, minor, digits = "", reason = ""] = statusLine.exec(first) ?? [];
  const headers: RawHeaders = [];
  const said = readFields(lines, headers);
  const status = Number(digits);
  // 101 was not asked for.
  if (!said || minor === undefined || status === 101) return null;
  const bodyEnd = bodyEndOf(said, status, isHead || status < 200);
  if (!bodyEnd) return null;
  const words = said.connection.split(",").map((word) => word.trim());
  const isKept = minor === "1" ? !words.includes("close") : words.includes("keep-alive");
  const seconds = Number(/timeout=(\d{1,5})/i.exec(said.keepAlive)?.[1] ?? usualKeptSeconds);
  // A second earlier than the app, so that the two do not meet.
  const keptSeconds = isKept && bodyEnd.by !== "close" ? Math.max(0, seconds - 1) : null;
  return { status, reason, headers, bodyEnd, keptSeconds };
}
