// /api/auth/*: the three steps of signing in (a CSRF value, the way to the provider, the way back), and nothing else of
// what next-auth offers. Every failure ends on the sign-in page with a reason.
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
import { readJson } from "@/lib/http/request-body";
import { requireSameOrigin } from "@/lib/http/same-origin";
import { log } from "@/lib/log";

const PER_MINUTE = 60;
const signInBody = z.strictObject({ csrfToken: z.string().max(200), callbackUrl: z.string().max(2000).default("/") });

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

function json(body: object, answer: AuthAnswer): Response {
  const response = Response.json(body, { headers: { "cache-control": "no-store" } });
  for (const cookie of answer.headers.getSetCookie()) response.headers.append("set-cookie", cookie);
  return response;
}

async function giveCsrf(request: Request): Promise<Response> {
  const answer = await callNextAuth(callOf(request, ["csrf"]));
  const { csrfToken } = z.object({ csrfToken: z.string() }).parse(answer.body);
  return json({ csrfToken }, answer);
}

/** Answers where to go as JSON: a redirect of a form would be held to the page's own form-action policy. */
async function begin(request: Request): Promise<Response> {
  requireSameOrigin(request, portalOrigin());
  const body = signInBody.safeParse(await readJson(request));
  if (!body.success) throw new PortalError("invalid", "The sign-in request is not valid.", { cause: body.error });
  const returnPath = safeReturnPath(body.data.callbackUrl, portalOrigin());
  const call = { ...callOf(request, ["signin", PROVIDER_ID]), body: { ...body.data, callbackUrl: returnPath } };
  const answer = await callNextAuth(call);
  const { url } = z.object({ url: z.string() }).parse(answer.body);
  const problem = problemIn(url);
  if (problem === "not-completed") throw new PortalError("forbidden", "This sign-in page is too old. Load it again.");
  return json({ url: problem ? signInPage(problem, returnPath) : url }, answer);
}

function problemFromProvider(error: string): SignInProblem {
  return ["temporarily_unavailable", "server_error"].includes(error) ? "provider-unreachable" : "provider-refused";
}

async function finish(request: Request): Promise<Response> {
  const call = callOf(request, ["callback", PROVIDER_ID]);
  const query = Object.fromEntries(new URL(request.url).searchParams);
  const returnPath = returnPathOf(call);
  if (query.error) return redirectTo(signInPage(problemFromProvider(query.error), returnPath));
  const before = await loginIdOf(request);
  const answer = await callNextAuth({ ...call, query });
  const location = answer.redirect ?? signInPage("not-completed");
  const signedIn = answer.headers.getSetCookie().some((cookie) => cookie.startsWith(`${loginCookieName()}=`));
  if (signedIn && before) await endLogin(before, "signed-in-again");
  const problem = signedIn ? null : problemIn(location);
  return redirectTo(problem ? signInPage(problem, returnPath) : location, answer);
}

async function step(request: Request, path: string): Promise<Response> {
  await limitRate("sign-in", `address:${addressOf(request)}`, PER_MINUTE);
  const asked = `${request.method} ${path}`;
  if (asked === "GET csrf") return giveCsrf(request);
  if (asked === `POST signin/${PROVIDER_ID}`) return begin(request);
  if (asked === `GET callback/${PROVIDER_ID}`) return finish(request);
  throw new PortalError("not_found", "No such step.");
}

function faultResponse(thrown: unknown, inBrowser: boolean): Response {
  const error = asPortalError(thrown);
  const requestId = randomUUID();
  if (error.code === "internal") log().error({ requestId, err: error }, "login.failed");
  if (!inBrowser) return problemResponse(error, requestId);
  return redirectTo(signInPage(error.code === "too_many" ? "too-many" : "unavailable"));
}

/** Handles one request below /api/auth/. The way back is a page a person looks at; the rest is asked by fetch. */
export async function handleSignIn(request: Request, path: string[]): Promise<Response> {
  const asked = path.join("/");
  try {
    return await step(request, asked);
  } catch (error) {
    return faultResponse(error, asked === `callback/${PROVIDER_ID}` && request.method === "GET");
  }
}
