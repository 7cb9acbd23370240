// The way in: /.berth/enter on the app's own origin turns a one-time ticket into that origin's cookie and leads on to
// the app's first page. The ticket is never logged, and no later page or Referer carries it.
import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { isPortalError } from "@/lib/errors";
import { type AppPlace, appCookieOf, type Gate } from "@/lib/gateway/admit";
import { signAppCookie } from "@/lib/gateway/app-cookie";
import { cookieValues, foreignCookieNames } from "@/lib/gateway/cookies";
import { appCookieName } from "@/lib/gateway/hosts";
import { sendPage } from "@/lib/gateway/pages";
import { pageFor } from "@/lib/gateway/refusals";
import type { UsedTicket } from "@/lib/gateway/tickets";
import { limitFailures } from "@/lib/http/rate-limit";

export const enterPath = "/.berth/enter";

export type AppRequest = { request: IncomingMessage; response: ServerResponse; place: AppPlace };

export type Entrance = {
  gate: Gate;
  /** Network address that a request is counted against. */
  clientOf: (request: IncomingMessage) => string;
  useTicket: (ticket: string) => Promise<UsedTicket | null>;
  /** Longest life of the cookie; the login usually ends before. */
  cookieHours: number;
};

/** Tickets that are none which one address may try in a minute: each is a question to the database, and a whole class may share an address. */
const triesPerMinute = 300;

const quiet = { "Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "Content-Length": "0" };

/** Not "cookies": that would reach the whole registrable domain, the portal's login included. */
export const clearSiteData = { "Clear-Site-Data": '"cache", "storage"' };

/** Names the answer that cleaned. A page of an earlier session may set it too, but knows no later ticket. */
const cleanedCookie = "__Host-berth-cleaned";
const cleanedSeconds = 60;
const markOf = (ticket: string): string => createHash("sha256").update(ticket).digest("base64url");

/** An address may say anything, and who had the host before may have written it: only the browser knows what it has done. */
const isCleaned = (request: IncomingMessage, ticket: string): boolean =>
  cookieValues(request.headers.cookie, cleanedCookie).includes(markOf(ticket));

/** Which of them a name stands for, a Cookie header does not tell: a script may have set it for the domain or a partition. */
const expiredIn = (host: string, name: string): string[] =>
  ["", `; Domain=${host.replace(/:\d+$/, "")}`, "; Partitioned"].map(
    (which) => `${name}=; Path=/; Max-Age=0; Secure${which}`,
  );

/** On a host that had another session before, everything that one left in the browser goes first. */
function cleanFirst({ request, response, place }: AppRequest, ticket: string): void {
  const expired = foreignCookieNames(request.headers.cookie).flatMap((name) => expiredIn(place.host, name));
  const mark = `${cleanedCookie}=${markOf(ticket)}; Path=/; Max-Age=${cleanedSeconds}; HttpOnly; Secure; SameSite=Lax`;
  const headers = { ...quiet, ...clearSiteData, Location: `${request.url}&again=1`, "Set-Cookie": [...expired, mark] };
  response.writeHead(303, headers).end();
}

/** Answers a request for enterPath. */
export async function enter({ gate, clientOf, useTicket, cookieHours }: Entrance, asked: AppRequest): Promise<void> {
  const { request, response, place } = asked;
  const query = new URLSearchParams((request.url ?? "").split("?")[1] ?? "");
  const ticket = query.get("ticket") ?? "";
  const known = appCookieOf(request, gate.hosts);
  const refuse = () => {
    // Somebody who is in already and came back to the used address: the app's own page decides anew.
    if (known && request.method === "GET") return void response.writeHead(303, { ...quiet, Location: "/" }).end();
    sendPage({ request, response }, pageFor({ why: "signed-out", sessionId: place.sessionId }, gate.hosts.url));
  };
  if (request.method !== "GET" || !/^[\w-]{43}$/.test(ticket)) return refuse();
  const before = known && (await gate.routes.get(known.sessionId));
  // What is remembered of an ended session may still name the host, which another has by now.
  const sameAgain = before?.host === place.host && before.state !== "ended";
  if (place.sessionId === null && !isCleaned(request, ticket) && !sameAgain) {
    // A browser that keeps no cookies would be sent around for ever.
    return query.has("again") ? refuse() : cleanFirst(asked, ticket);
  }
  const guess = { caller: `address:${clientOf(request)}`, perMinute: triesPerMinute };
  const used = await limitFailures("enter", guess, () => useTicket(ticket)).catch((error: unknown) => {
    if (isPortalError(error) && error.code === "too_many") return "too-often" as const;
    throw error;
  });
  if (used === "too-often") return sendPage({ request, response }, pageFor({ why: used }, gate.hosts.url));
  if (!used || !(await gate.isValid(used))) return refuse();
  // The ticket may have been issued a moment after this session was last looked at.
  gate.routes.forget(used.sessionId);
  const route = await gate.routes.get(used.sessionId);
  const here = place.sessionId ? place.sessionId === used.sessionId : route?.host === place.host;
  if (!route || !here || route.ownerId !== used.userId) return refuse();
  const seconds = Math.round(cookieHours * 3600);
  const value = signAppCookie({ ...used, expiresAt: new Date(Date.now() + seconds * 1000) });
  response
    .writeHead(303, {
      ...quiet,
      Location: route.manifest?.open ?? "/",
      "Set-Cookie": `${appCookieName(gate.hosts)}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; Secure; SameSite=Lax`,
    })
    .end();
}
