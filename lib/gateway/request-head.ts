// What is wrong with a request's head before anybody looks at it: things Node's strict parser lets through and
// that two HTTP servers in a row could understand differently. RFC 9110, RFC 9112.
import type { IncomingMessage } from "node:http";
import { parseAndValidateFlightRouterState } from "next/dist/server/app-render/parse-and-validate-flight-router-state.js";

export type HeadFault = {
  status: 400 | 405 | 417 | 501;
  sentence: string;
  /** With 405, the methods that are offered: RFC 9110 section 15.5.6 asks for them. */
  allow?: string;
};

// Origin form only (RFC 9112 section 3.2.1): a path, visible bytes, no fragment. Absolute form and `*` are refused.
const originForm = /^\/[!-"$-~\x80-\xff]*$/;

function valuesOf({ rawHeaders: raw }: IncomingMessage, wanted: string): string[] {
  const values: string[] = [];
  // Lengths first: this is on the path of every request.
  for (let index = 0; index + 1 < raw.length; index += 2) {
    if (raw[index]?.length === wanted.length && raw[index]?.toLowerCase() === wanted) values.push(raw[index + 1] ?? "");
  }
  return values;
}

function framingFault(request: IncomingMessage): HeadFault | null {
  const codings = valuesOf(request, "transfer-encoding");
  const lengths = valuesOf(request, "content-length");
  if (codings.length === 0) return lengths.length > 1 ? { status: 400, sentence: "More than one length." } : null;
  if (lengths.length > 0) return { status: 400, sentence: "Both a length and a transfer coding." };
  if (request.httpVersion !== "1.1") return { status: 400, sentence: "A transfer coding needs HTTP/1.1." };
  if (codings.length > 1 || codings[0]?.trim().toLowerCase() !== "chunked") {
    return { status: 501, sentence: "The only transfer coding understood is chunked." };
  }
  return null;
}

/** The first thing wrong with a request's head, or null. */
export function headFault(request: IncomingMessage): HeadFault | null {
  if (!originForm.test(request.url ?? "")) return { status: 400, sentence: "The request target must be a path." };
  if (valuesOf(request, "host").length !== 1) return { status: 400, sentence: "Exactly one Host header is needed." };
  // TRACE would send back the credentials that the gateway adds.
  if (request.method === "TRACE" || request.method === "CONNECT" || request.method === "TRACK") {
    return {
      status: 405,
      sentence: "This method is not offered.",
      allow: "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
    };
  }
  const expect = valuesOf(request, "expect");
  if (expect.some((value) => value.trim().toLowerCase() !== "100-continue")) {
    return { status: 417, sentence: "The only expectation understood is 100-continue." };
  }
  return framingFault(request) ?? (isWebSocketHandshake(request) ? handshakeFault(request) : null);
}

/** Bytes in it are UTF-8: the framework would fail inside itself on any other. */
function decodes(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

/**
 * What Next's navigation says of itself: where the browser is, and that it looks ahead. Next writes an error with its stack for
 * what it cannot read, so its own reader is asked first; ways of looking ahead that no page of ours uses are not tried.
 */
function isNavigation({ headers }: IncomingMessage): boolean {
  try {
    parseAndValidateFlightRouterState(headers["next-router-state-tree"]);
  } catch {
    return false;
  }
  return (headers["next-router-prefetch"] ?? "1") === "1";
}

/** What the portal's own pages and API refuse on top: targets that routers disagree about, what only looks like the pages' own navigation, and bodies sent to pages. */
export function portalFault(request: IncomingMessage): HeadFault | null {
  const target = request.url ?? "";
  const path = target.split("?", 1)[0] ?? "";
  if (path.startsWith("//") || /[\\\x80-\xff]|%(00|2f|5c)/i.test(path) || !decodes(path)) {
    return { status: 400, sentence: "This path is not well formed." };
  }
  if (!isNavigation(request)) return { status: 400, sentence: "This is no navigation of the portal's own pages." };
  // Pages are only read; without this a body would reach the framework's decoder of server actions.
  const reading = request.method === "GET" || request.method === "HEAD";
  if (!reading && !path.startsWith("/api/"))
    return { status: 405, sentence: "Pages are only read.", allow: "GET, HEAD" };
  return null;
}

/** True for what the gateway tunnels: a WebSocket handshake without a body (RFC 6455 section 4.1). */
export function isWebSocketHandshake(request: IncomingMessage): boolean {
  return (
    request.method === "GET" &&
    request.headers.upgrade?.toLowerCase() === "websocket" &&
    request.headers["transfer-encoding"] === undefined &&
    Number(request.headers["content-length"] ?? 0) === 0
  );
}

/**
 * What an app may take for a handshake and another for a plain request: RFC 6455 section 4.2.1 asks for HTTP/1.1, version 13
 * and a key of 16 bytes. Only what both sides must understand alike is tunnelled.
 */
function handshakeFault(request: IncomingMessage): HeadFault | null {
  const one = (name: string, form: RegExp) => {
    const values = valuesOf(request, name);
    return values.length === 1 && form.test(values[0]?.trim() ?? "");
  };
  const isWhole = one("sec-websocket-version", /^13$/) && one("sec-websocket-key", /^[A-Za-z0-9+/]{22}==$/);
  if (request.httpVersion === "1.1" && isWhole) return null;
  return { status: 400, sentence: "This is no WebSocket handshake." };
}
