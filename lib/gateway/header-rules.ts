// Which headers cross the gateway, in both directions. Headers travel as Node's raw list (name, value, name, value):
// spelling, order and repetition are the sender's.
import { cookieFromApp, cookiesForApp } from "@/lib/gateway/cookies";

export type RawHeaders = string[];

/**
 * RFC 9110 section 7.6.1, and what RFC 2616 named besides. Framing and Expect are the proxy's own to decide. Trailer only
 * announces what comes after a body, and Node refuses to send it where either side has no chunks.
 */
const hopByHop = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-authentication-info",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "http2-settings",
]);

/** Credentials, and headers by which apps believe a proxy about who asks or from where. */
const believed =
  /^(authorization|forwarded|x-forwarded(-.*)?|x-real-ip|x-original-.*|x-rewrite-url|true-client-ip|(x-)?remote-user|x-webauth-.*|x-auth-request-.*|(x-)?berth-.*)$/;

function* pairs(raw: RawHeaders): Generator<[string, string]> {
  for (let index = 0; index + 1 < raw.length; index += 2) yield [raw[index] ?? "", raw[index + 1] ?? ""];
}

/** Names that a message's Connection headers declare to be for this hop only. */
function connectionNames(raw: RawHeaders): Set<string> {
  const names = new Set<string>();
  for (let index = 0; index + 1 < raw.length; index += 2) {
    if (raw[index]?.length !== 10 || raw[index]?.toLowerCase() !== "connection") continue;
    for (const name of raw[index + 1]?.split(",") ?? []) names.add(name.trim().toLowerCase());
  }
  return names;
}

/** Apps behind CGI or WSGI cannot tell `X_Real_IP` from `X-Real-IP`. */
const canonical = (name: string): string => {
  const lower = name.toLowerCase();
  return lower.includes("_") ? lower.replaceAll("_", "-") : lower;
};

export type TowardsApp = {
  /** Host the browser asked for, and the scheme it used. */
  publicHost: string;
  scheme: "http" | "https";
  secretHeader: { name: string; value: string } | null;
  /** The node's address and the port: where an app may believe to be. */
  app: { nodeAddress: string | null; port: number | null };
  /** The host is another session's later: no answer kept by the browser may stand in for one that would be asked for. */
  isShared?: boolean;
  /** Header names of the framing the proxy chose are added by it, not here. */
  extra?: RawHeaders;
};

/** Headers for the app: hop-by-hop ones, portal cookies and everything that could pose as us removed, ours added. */
export function headersForApp(raw: RawHeaders, towards: TowardsApp): RawHeaders {
  const thisHop = connectionNames(raw);
  const secretName = towards.secretHeader?.name.toLowerCase();
  const kept: RawHeaders = ["Host", towards.publicHost];
  // By index, as in headersFromApp: a pair for each header of each request would be most of the garbage.
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const [name, value] = [raw[index] ?? "", raw[index + 1] ?? ""];
    const key = canonical(name);
    if (hopByHop.has(key) || thisHop.has(name.toLowerCase()) || believed.test(key) || key === secretName) continue;
    if (key === "host" || key === "expect" || key === "content-length") continue;
    const crossing = key === "cookie" ? cookiesForApp(value) : value;
    if (crossing !== null) kept.push(name, crossing);
  }
  kept.push("X-Forwarded-Host", towards.publicHost, "X-Forwarded-Proto", towards.scheme, "Via", "1.1 berth");
  if (towards.secretHeader) kept.push(towards.secretHeader.name, towards.secretHeader.value);
  if (towards.extra) kept.push(...towards.extra);
  return kept;
}

/** "cookies" would reach the whole registrable domain, the portal's login included; the app's own it can set anew. */
function clearedByApp(value: string): string | null {
  const kept = ['"cache"', '"storage"'].filter((kind) => value.includes(kind) || value.includes('"*"'));
  return kept.length === 0 ? null : kept.join(", ");
}

/**
 * An app that writes whole addresses names its node, which no browser reaches, or our host with the scheme that it is asked by.
 * The address stays whole: of `http://node:port//x` a relative one would name another host.
 */
function locationFromApp(value: string, { publicHost, scheme, app }: TowardsApp): string {
  const [, host, rest] = /^http:\/\/([^/?#]*)(.*)$/i.exec(value) ?? [];
  if (host === undefined) return value;
  const address = app.nodeAddress?.includes(":") ? `[${app.nodeAddress}]` : app.nodeAddress;
  const isHere = host === `${address}:${app.port}` || host.toLowerCase() === publicHost;
  return isHere ? `${scheme}://${publicHost}${rest}` : value;
}

/** What the browser may see of an app's header, of which `key` is the name in lower case; null for nothing. */
function valueFromApp(key: string, value: string, towards: TowardsApp): string | null {
  switch (key) {
    case "set-cookie":
      return cookieFromApp(value);
    case "clear-site-data":
      return clearedByApp(value);
    case "location":
      return locationFromApp(value, towards);
    default:
      return value;
  }
}

/**
 * A browser goes on sending reports of a host for as long as these said, no matter who has it by then; Clear-Site-Data does not
 * reach them. https://www.w3.org/TR/network-error-logging/
 */
const outlasting = new Set(["nel", "report-to", "reporting-endpoints"]);

/** Headers of an app's answer for the browser. Its own security headers stay; ours are not its. */
export function headersFromApp(raw: RawHeaders, towards: TowardsApp): RawHeaders {
  const thisHop = connectionNames(raw);
  const has = (wanted: string) =>
    raw.some((name, index) => index % 2 === 0 && name.length === wanted.length && name.toLowerCase() === wanted);
  const kept: RawHeaders = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const [name, value] = [raw[index] ?? "", raw[index + 1] ?? ""];
    const key = name.toLowerCase();
    // Alt-Svc would lead the browser around the gateway. A length beside a transfer coding is not the length.
    if (hopByHop.has(key) || thisHop.has(key) || key === "alt-svc" || /^(x-)?berth-/.test(key)) continue;
    if (key === "content-length" && has("transfer-encoding")) continue;
    if (towards.isShared && outlasting.has(key)) continue;
    const crossing = valueFromApp(key, value, towards);
    if (crossing !== null) kept.push(name, crossing);
  }
  if (!has("referrer-policy")) kept.push("Referrer-Policy", "same-origin");
  // A worker's script from the browser's cache would never be refused.
  if (towards.isShared) kept.push("Vary", "Service-Worker");
  return kept;
}

/** RFC 9110 section 6.5.1: fields for framing, routing, authentication and cookies have no meaning after the body. */
const notInTrailers =
  /^(content-(length|encoding|type|range)|trailer|host|cache-control|max-forwards|te|age|expires|date|location|retry-after|vary|warning|cookie|set-cookie|www-authenticate|expect|range|if-.*|.*security.*)$/;

/** Trailer fields that may cross, in either direction. */
export function trailersAcross(raw: RawHeaders): [string, string][] {
  return [...pairs(raw)].filter(([name]) => {
    const key = canonical(name);
    return !hopByHop.has(key) && !believed.test(key) && !notInTrailers.test(key);
  });
}
