// A file as an HTTP answer: ranges, conditions, a safe name. RFC 9110 sections 13 and 14.
import type { PersonActor } from "@/lib/actor";
import { recordReading } from "@/lib/files/audit";
import { attachment, inert, mediaTypeOf } from "@/lib/files/disposition";
import { parseRange, type Range } from "@/lib/files/range";
import { type OpenFile, openFileOf } from "@/lib/files/read-file";
import { splitPath } from "@/lib/files/rules";
import { streamed } from "@/lib/http/line-stream";

type Where = { cluster: string; path: string };

const quoted = (tag: string): string => `"${tag}"`;

/** The header names this state of the file, among others. */
const names = (header: string | null, tag: string): boolean =>
  header !== null &&
  (header.trim() === "*" || header.split(",").some((entry) => entry.trim().replace(/^W\//, "") === quoted(tag)));

function headersOf({ facts }: OpenFile, path: string): Record<string, string> {
  const { name } = splitPath(path);
  return {
    ...inert,
    "content-type": mediaTypeOf(name),
    "content-disposition": attachment(name),
    "accept-ranges": "bytes",
    etag: quoted(facts.tag),
    "last-modified": facts.modifiedAt.toUTCString(),
  };
}

function partHeaders({ facts, span }: OpenFile, range: Range | null): Record<string, string> {
  if (!span) return { "content-range": `bytes */${facts.size}` };
  const last = span.from + span.count - 1;
  const length = { "content-length": String(span.count) };
  return range ? { ...length, "content-range": `bytes ${span.from}-${last}/${facts.size}` } : length;
}

async function answer(
  file: OpenFile,
  { path, range, request }: { path: string; range: Range | null; request: Request },
) {
  const headers = headersOf(file, path);
  const empty = (status: number, more = {}) => {
    file.close();
    return new Response(null, { status, headers: { ...headers, ...more } });
  };
  if (names(request.headers.get("if-none-match"), file.facts.tag)) return empty(304);
  const part = partHeaders(file, range);
  if (!file.span) return empty(416, part);
  const status = range ? 206 : 200;
  if (request.method === "HEAD" || file.span.count === 0) return empty(status, part);
  const body = await streamed(request, () => file.body);
  return new Response(body, { status, headers: { ...headers, ...part } });
}

/** The bytes of a file, or of a part of it, as they come from the cluster. */
export async function downloadFile(actor: PersonActor, where: Where, request: Request): Promise<Response> {
  // RFC 9110 section 14.2: only GET has a range.
  const wished = request.method === "GET" ? parseRange(request.headers.get("range")) : null;
  const open = (range: Range | null) => openFileOf(actor, { ...where, range, signal: request.signal });
  const file = await open(wished);
  const { path } = file.facts;
  await recordReading(actor, { action: "file.downloaded", cluster: where.cluster, paths: [path] });
  const condition = request.headers.get("if-range");
  if (!wished || condition === null || condition === quoted(file.facts.tag)) {
    return answer(file, { path: where.path, range: wished, request });
  }
  file.close();
  return answer(await open(null), { path: where.path, range: null, request });
}
