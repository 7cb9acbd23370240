// Security headers of the portal's own pages, set before Next sees the request, so that every answer has them, errors
// included. Scripts need this response's nonce, which Next reads from the request's policy and puts on its own.
import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { eventPosition } from "@/lib/events";
import { deliverHeaders } from "@/lib/http/carried-headers";
import { ADDRESS_HEADER, clientAddress } from "@/lib/http/client-address";

export type PortalPolicy = {
  url: string;
  /** Where a sign-in form may lead: browsers apply form-action to redirects too. */
  issuer: string;
  production: boolean;
  trustedProxies: string[];
};

/** The content security policy. React writes style attributes, so only styles may be inline. */
export function contentSecurityPolicy(nonce: string, { url, issuer, production }: PortalPolicy): string {
  const development = production ? "" : " 'unsafe-eval'";
  const directives = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' 'strict-dynamic'${development}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    // What a page made itself: a PDF, from bytes that it called one (components/files/pdf-view.tsx).
    "frame-src blob:",
    production ? "connect-src 'self'" : "connect-src 'self' ws: wss:",
    "manifest-src 'self'",
    "worker-src 'self'",
    `form-action 'self' ${new URL(issuer).origin}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ];
  return [...directives, ...(url.startsWith("https:") ? ["upgrade-insecure-requests"] : [])].join("; ");
}

const constant: Record<string, string> = {
  "X-Frame-Options": "DENY",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "same-origin",
  "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=(), hid=(), midi=()",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "X-Permitted-Cross-Domain-Policies": "none",
};

/** Sets the headers of an answer of the portal; returns its policy. */
export function setPortalHeaders(response: ServerResponse, policy: PortalPolicy): { csp: string; nonce: string } {
  const nonce = randomBytes(16).toString("base64");
  const csp = contentSecurityPolicy(nonce, policy);
  for (const [name, value] of Object.entries(constant)) response.setHeader(name, value);
  response.setHeader("Content-Security-Policy", csp);
  if (policy.url.startsWith("https:")) response.setHeader("Strict-Transport-Security", "max-age=31536000");
  deliverHeaders(response);
  return { csp, nonce };
}

/** On requests for a whole page: where events were when it was asked for, or `nowhere` when nobody listens yet. */
export const documentHeader = "x-berth-document";
export const nowhere = "-";

/** Not the API, not a file, and not the part of a page that Next's own navigation asks for. */
const isForDocument = ({ url = "/", headers }: IncomingMessage): boolean =>
  !/^\/(api|_next)\//.test(url) && headers.rsc === undefined;

/** Headers with which a client could pose as a proxy, as the framework's own middleware, or as us. */
const posing =
  /^(forwarded|x-forwarded-.*|x-real-ip|x-middleware-.*|x-now-.*|x-invoke-.*|x-matched-path|x-nonce|x-berth-.*|content-security-policy.*|next-action)$/;

/** Makes a request's headers say what is true: who asked, of which host, by which scheme, under which policy. */
export function setTrueHeaders(
  request: IncomingMessage,
  policy: PortalPolicy,
  { csp, nonce }: { csp: string; nonce: string },
): void {
  const seen = isForDocument(request) ? { [documentHeader]: eventPosition() ?? nowhere } : {};
  const address = clientAddress(request, policy.trustedProxies);
  for (const name of Object.keys(request.headers)) if (posing.test(name)) delete request.headers[name];
  const url = new URL(policy.url);
  Object.assign(request.headers, {
    [ADDRESS_HEADER]: address,
    "x-forwarded-for": address,
    "x-forwarded-host": url.host,
    "x-forwarded-proto": url.protocol.slice(0, -1),
    "x-nonce": nonce,
    // Layouts are not told their address by Next; the sign-in gate sends people back to it.
    "x-berth-path": (request.url ?? "/").replace(/\?_rsc(=[\w-]*)?$|(?<=[?&])_rsc(=[\w-]*)?&|&_rsc(=[\w-]*)?$/, ""),
    "content-security-policy": csp,
    ...seen,
  });
}
