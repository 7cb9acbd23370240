// /api/auth/*: the two steps of signing in (the way to the provider and the way back), and nothing else of what
// next-auth offers. Every failure ends on the sign-in page with a reason.
import { randomUUID } from "node:crypto";
import { z } from "zod";
import { loginIdOf } from "@/lib/auth/actor-from-request";
import { authCookies, cookiesOf, loginCookieName } from "@/lib/auth/cookies";
import { endLogin } from "@/lib/auth/end-login";
import { type AuthAnswer, type AuthCall, callNextAuth, signInPage } from "@/lib/auth/next-auth";
import { PROVIDER_ID } from "@/lib/auth/provider";
import { type SignInProblem, safeReturnPath } from "@/lib/auth/rules";
import { config } from "@/lib/config";
import { PortalError } from "@/lib/errors";
import { addressOf } from "@/lib/http/client-address";
import { asPortalError, problemResponse } from "@/lib/http/problem";
import { limitRate } from "@/lib/http/rate-limit";
import { readForm } from "@/lib/http/request-body";
import { requireSameOrigin } from "@/lib/http/same-origin";
import { log } from "@/lib/log";
import { metrics } from "@/lib/metrics";

/** Steps of one address, two for each person who signs in: a whole class may share it. */
const PER_MINUTE = 300;

const portalOrigin = (): string => new URL(config().url).origin;

function callOf(request: Request, path: string[]): AuthCall {
  return {
    method: request.method === "POST" ? "POST" : "GET",
    path,
    query: {},
    cookies: cookiesOf(request.headers),
    userAgent: request.headers.get("user-agent"),
  };
}

/** Where the person wanted to go, kept by the first step for the last. */
function returnPathOf(call: AuthCall): string {
  return safeReturnPath(call.cookies.get(authCookies().callbackUrl.name), portalOrigin());
}

/** next-auth reports trouble by sending the browser to one of its own pages; its words for it as ours. */
function problemIn(redirect: string): SignInProblem | null {
  const url = new URL(redirect, portalOrigin());
  if (url.origin !== portalOrigin() || !url.pathname.startsWith("/api/auth/")) return null;
  const error = url.searchParams.get("error");
  return error === "OAuthSignin" ? "provider-unreachable" : "not-completed";
}

function redirectTo(location: string, answer?: AuthAnswer): Response {
  const headers = new Headers({ location, "cache-control": "no-store", "referrer-policy": "no-referrer" });
  for (const cookie of answer?.headers.getSetCookie() ?? []) headers.append("set-cookie", cookie);
  return new Response(null, { status: 303, headers });
}

/** Back to the sign-in page, which says why. What start-login.ts refuses is counted there. */
function turnBack(problem: SignInProblem, returnPath?: string, answer?: AuthAnswer): Response {
  metrics().logins.inc({ outcome: problem });
  return redirectTo(signInPage(problem, returnPath), answer);
}

/** next-auth wants a value that its own page would have asked for first; the origin of the request is checked already. */
async function withCsrf(call: AuthCall): Promise<AuthCall> {
  const { name } = authCookies().csrfToken;
  const answer = await callNextAuth({ ...call, method: "GET", path: ["csrf"], body: undefined });
  const { csrfToken } = z.object({ csrfToken: z.string() }).parse(answer.body);
  const fresh = cookiesOf(new Headers({ cookie: answer.headers.getSetCookie().join("; ") })).get(name);
  const cookies = new Map(call.cookies);
  // Absent when the browser's own is still good.
  if (fresh) cookies.set(name, fresh);
  return { ...call, cookies, body: { ...call.body, csrfToken } };
}

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (found) => `&#${found.charCodeAt(0)};`);

/** A page that leads on at once. */
function leadingPage(url: string, label: string, init: ResponseInit = {}): Response {
  const shown = escapeHtml(url);
  const page = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Signing in</title>
<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="color-scheme" content="light dark">
<meta http-equiv="refresh" content="0;url=${shown}"><p><a href="${shown}">${escapeHtml(label)}</a></p></html>`;
  const headers = { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" };
  return new Response(page, { ...init, headers: { ...headers, ...init.headers } });
}

/**
 * Not a redirect: browsers hold every address on the way of a sent form to the page's form-action policy, and providers
 * send people on to addresses nobody can list.
 */
function leadTo(url: string, answer: AuthAnswer): Response {
  const response = leadingPage(url, `On to ${config().signIn.provider}`);
  for (const cookie of answer.headers.getSetCookie()) response.headers.append("set-cookie", cookie);
  return response;
}

/** Called for what a person began: any other page could have browsers ask for the rest, and use up a network's tries. */
const limitSteps = (request: Request): Promise<void> =>
  limitRate("sign-in", `address:${addressOf(request)}`, PER_MINUTE);

async function begin(request: Request): Promise<Response> {
  requireSameOrigin(request, portalOrigin());
  await limitSteps(request);
  const returnPath = safeReturnPath((await readForm(request)).get("callbackUrl"), portalOrigin());
  const call = { ...callOf(request, ["signin", PROVIDER_ID]), body: { callbackUrl: returnPath } };
  const answer = await callNextAuth(await withCsrf(call));
  const { url } = z.object({ url: z.string() }).parse(answer.body);
  const problem = problemIn(url);
  return problem ? turnBack(problem, returnPath, answer) : leadTo(url, answer);
}

function problemFromProvider(error: string): SignInProblem {
  return ["temporarily_unavailable", "server_error"].includes(error) ? "provider-unreachable" : "provider-refused";
}

async function finish(request: Request): Promise<Response> {
  const call = callOf(request, ["callback", PROVIDER_ID]);
  const query = Object.fromEntries(new URL(request.url).searchParams);
  const returnPath = returnPathOf(call);
  if (query.error) return turnBack(problemFromProvider(query.error), returnPath);
  // Nobody began this here: the provider is not asked, and no try is used up.
  if (!call.cookies.has(authCookies().state.name)) return turnBack("not-completed", returnPath);
  await limitSteps(request);
  const before = await loginIdOf(request);
  const answer = await callNextAuth({ ...call, query });
  const location = answer.redirect ?? signInPage("not-completed");
  const signedIn = answer.headers.getSetCookie().some((cookie) => cookie.startsWith(`${loginCookieName()}=`));
  if (signedIn && before) await endLogin(before, "signed-in-again");
  const problem = signedIn ? null : problemIn(location);
  return problem ? turnBack(problem, returnPath, answer) : redirectTo(location, answer);
}

async function step(request: Request, path: string): Promise<Response> {
  const asked = `${request.method} ${path}`;
  if (asked === `POST signin/${PROVIDER_ID}`) return begin(request);
  if (asked === `GET callback/${PROVIDER_ID}`) return finish(request);
  throw new PortalError("not_found", "No such step.");
}

/** Scripts read the status, people the sign-in page. */
function slowDown({ retryAfterSeconds = 60 }: PortalError): Response {
  metrics().logins.inc({ outcome: "too-many" });
  const headers = { "retry-after": String(retryAfterSeconds) };
  return leadingPage(signInPage("too-many"), "Too many attempts", { status: 429, headers });
}

/** Both steps are pages a person looks at; only what no page of ours would send is answered as by the API. */
function faultResponse(thrown: unknown): Response {
  const error = asPortalError(thrown);
  const requestId = randomUUID();
  if (error.code === "internal") log().error({ requestId, err: error }, "login.failed");
  if (["forbidden", "invalid", "not_found"].includes(error.code)) return problemResponse(error, requestId);
  if (error.code === "too_many") return slowDown(error);
  return turnBack("unavailable");
}

/** Handles one request below /api/auth/. */
export async function handleSignIn(request: Request, path: string[]): Promise<Response> {
  try {
    return await step(request, path.join("/"));
  } catch (error) {
    return faultResponse(error);
  }
}
