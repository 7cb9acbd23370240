// Who may reach an app: decided anew for every request and every upgrade, from the app origin's own cookie, the
// session's owner and the login. Answers are cached for seconds elsewhere; here there is no way around them.
import type { IncomingMessage } from "node:http";
import { isPortalError } from "@/lib/errors";
import { type AppCookie, type Holder, readAppCookie } from "@/lib/gateway/app-cookie";
import { cookieValues } from "@/lib/gateway/cookies";
import { appCookieName, type HostConfig, originOf, type Place } from "@/lib/gateway/hosts";
import type { Refusal } from "@/lib/gateway/refusals";
import type { Route, Routes } from "@/lib/gateway/routes";

export type AppPlace = Extract<Place, { kind: "app" }>;
export type Admission = { route: Route; holder: Holder } | { refusal: Refusal };

export type Gate = {
  hosts: HostConfig;
  routes: Routes;
  isValid: (holder: Holder) => Promise<boolean>;
};

/** The first cookie that we signed and that has not expired. */
export function appCookieOf(request: IncomingMessage, hosts: HostConfig): AppCookie | null {
  for (const value of cookieValues(request.headers.cookie, appCookieName(hosts))) {
    const cookie = readAppCookie(value, new Date());
    if (cookie) return cookie;
  }
  return null;
}

/**
 * True for what another origin started, other than a person's following a link. The app's siblings are usually same-site,
 * so SameSite cookies keep nothing out. https://www.w3.org/TR/fetch-metadata/
 */
export function isFromElsewhere({ hosts }: Gate, request: IncomingMessage, place: AppPlace): boolean {
  const { origin, "sec-fetch-site": site } = request.headers;
  const reading = request.method === "GET" || request.method === "HEAD";
  // Pages whose policy is to send no referrer say `null`, to themselves too: the browser's other word counts then.
  const isNamed = origin !== undefined && !(origin === "null" && site === "same-origin");
  if (!reading && isNamed && origin !== originOf(place.host, hosts)) return true;
  if (site !== "cross-site" && site !== "same-site") return false;
  const followed = request.headers["sec-fetch-mode"] === "navigate" && request.headers["sec-fetch-dest"] === "document";
  return !(reading && followed);
}

async function decide(gate: Gate, request: IncomingMessage, place: AppPlace): Promise<Admission> {
  const cookie = appCookieOf(request, gate.hosts);
  if (!cookie || !(await gate.isValid(cookie))) return { refusal: { why: "signed-out", sessionId: place.sessionId } };
  const route = await gate.routes.get(cookie.sessionId);
  const here = place.sessionId ? place.sessionId === cookie.sessionId : route?.host === place.host;
  if (!route || !here || route.ownerId !== cookie.userId) return { refusal: { why: "not-yours" } };
  if (route.state === "ended") return { refusal: { why: "ended", route } };
  if (route.state !== "ready") return { refusal: { why: "not-ready", route } };
  return { route, holder: cookie };
}

async function decideSafely(gate: Gate, request: IncomingMessage, place: AppPlace): Promise<Admission> {
  try {
    return await decide(gate, request, place);
  } catch (error) {
    if (isPortalError(error) && error.code === "unavailable") return { refusal: { why: "no-database" } };
    throw error;
  }
}

const fromElsewhere: Admission = { refusal: { why: "from-elsewhere" } };

/** https://www.w3.org/TR/service-workers/ "Service-Worker": sent with each worker's own script, and settable by no page. */
const isWorker = (request: IncomingMessage): boolean => request.headers["service-worker"] !== undefined;

/** Lets a request through to a session, or says why not. */
export async function admit(gate: Gate, request: IncomingMessage, place: AppPlace): Promise<Admission> {
  // On a host of a list it would see how the next session there is entered.
  if (place.sessionId === null && isWorker(request)) return { refusal: { why: "no-worker" } };
  return isFromElsewhere(gate, request, place) ? fromElsewhere : decideSafely(gate, request, place);
}

/** As admit, for an upgrade: it must come from the app's own origin, exactly. */
export async function admitUpgrade(gate: Gate, request: IncomingMessage, place: AppPlace): Promise<Admission> {
  const isOwn = request.headers.origin === originOf(place.host, gate.hosts);
  return isOwn ? decideSafely(gate, request, place) : fromElsewhere;
}
