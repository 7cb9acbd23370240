// Turns an endpoint of lib/endpoints.ts and a handler into a Next route handler. Everything every endpoint needs happens
// here, once: who asks, from where, how often, whether the request is well formed, and what a fault looks like.
import { randomUUID } from "node:crypto";
import { z } from "zod";
import { type PersonActor, requireScope } from "@/lib/actor";
import { actorFromRequest, bringsToken } from "@/lib/auth/actor-from-request";
import type { Scope } from "@/lib/auth/schema";
import { config } from "@/lib/config";
import { isAwayFault } from "@/lib/db";
import type { Endpoint } from "@/lib/endpoints";
import { PortalError } from "@/lib/errors";
import { carryHeaders } from "@/lib/http/carried-headers";
import { addressOf } from "@/lib/http/client-address";
import { isKept, keepAnswer, keptAnswer, staleHeader } from "@/lib/http/last-answers";
import { apiHeaders, asPortalError, invalidFields, problemResponse } from "@/lib/http/problem";
import { limitRate } from "@/lib/http/rate-limit";
import { readJson } from "@/lib/http/request-body";
import { requireSameOrigin } from "@/lib/http/same-origin";
import { log } from "@/lib/log";
import { metrics } from "@/lib/metrics";

const PER_MINUTE = 300;
const NO_BODY = z.strictObject({}).optional();

export type RouteContext<Params, Query, Body, Needs extends Scope | null> = {
  /** Null only where the endpoint needs no scope and nobody is signed in. */
  actor: Needs extends null ? PersonActor | null : PersonActor;
  params: Params;
  query: Query;
  body: Body;
  request: Request;
  requestId: string;
};

type Handler<Params, Query, Body, Answer, Needs extends Scope | null> = (
  context: RouteContext<Params, Query, Body, Needs>,
) => Promise<Answer | Response>;

/** Requests a person may make a minute. */
export const perMinuteOf = ({ perMinute = PER_MINUTE }: Endpoint): number => perMinute;

type NextHandler = (request: Request, next: { params: Promise<unknown> }) => Promise<Response>;

/** Values of the query string by name; unknown and repeated names are refused, so that a typing error is not ignored. */
function readQuery(schema: z.ZodType | undefined, search: URLSearchParams): unknown {
  const known = schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
  const values: Record<string, string> = {};
  for (const [name, value] of search) {
    if (!known.includes(name)) throw new PortalError("invalid", `There is no parameter ${name} here.`);
    if (name in values) throw new PortalError("invalid", `The parameter ${name} is given twice.`);
    values[name] = value;
  }
  return parsed(schema, values);
}

function parsed(schema: z.ZodType | undefined, value: unknown): unknown {
  const result = schema?.safeParse(value);
  if (result?.success === false) throw invalidFields(result.error);
  return result?.data;
}

/** A malformed id is an id of nothing: the same answer as for what is not there. */
function readParams(schema: z.ZodType | undefined, value: unknown): unknown {
  const result = schema?.safeParse(value);
  if (result?.success === false) throw new PortalError("not_found", "Malformed id", { cause: result.error });
  return result?.data;
}

/** JSON, checked; bytes that stream are left to the handler. */
async function readBody(endpoint: Endpoint, request: Request): Promise<unknown> {
  if (endpoint.method === "GET" || endpoint.method === "HEAD" || endpoint.bodyMedia) return undefined;
  return parsed(endpoint.body ?? NO_BODY, await readJson(request));
}

async function admit(endpoint: Endpoint, request: Request): Promise<PersonActor | null> {
  const rateName = `${endpoint.method} ${endpoint.path}`;
  // A token is not sent by browsers on their own, so only cookies need the check; it comes before any lookup.
  if (endpoint.scope !== null && !bringsToken(request)) requireSameOrigin(request, new URL(config().url).origin);
  const address = addressOf(request);
  const actor = await actorFromRequest(request, address);
  await limitRate(rateName, actor ? `person:${actor.userId}` : `address:${address}`, perMinuteOf(endpoint));
  if (endpoint.scope === null) return actor;
  if (!actor) throw new PortalError("unauthenticated", "Your login has ended, or this token is not valid.");
  requireScope(actor, endpoint.scope);
  return actor;
}

function ownResponse(answer: Response, requestId: string): Response {
  carryHeaders(answer);
  for (const [name, value] of Object.entries(apiHeaders(requestId))) {
    // Only who may keep a copy is the handler's to decide: an icon may be cached, JSON may not.
    if (name !== "cache-control" || !answer.headers.has(name)) answer.headers.set(name, value);
  }
  return answer;
}

/** Parsing what goes out drops whatever the description does not promise. */
const jsonOf = (endpoint: Endpoint, answer: unknown): string | null =>
  endpoint.status === 204 ? null : JSON.stringify(endpoint.answer ? endpoint.answer.parse(answer) : answer);

function jsonResponse(endpoint: Endpoint, json: string | null, requestId: string): Response {
  const headers = apiHeaders(requestId);
  if (json !== null) headers["content-type"] = "application/json";
  return new Response(json, { status: endpoint.status ?? 200, headers });
}

function report(error: PortalError, endpoint: Endpoint, requestId: string): void {
  if (error.code === "internal") log().error({ requestId, path: endpoint.path, err: error }, "request.failed");
  else if (error.code === "cluster" || error.code === "unavailable" || error.code === "cluster_timeout") {
    log().warn({ requestId, path: endpoint.path, code: error.code, reason: error.message }, "request.unanswered");
  }
}

/** The last answer to the same question of the same person, where the fault is a database that is away; else null. */
function answerFromBefore(endpoint: Endpoint, key: string | null, error: unknown): Response | null {
  const known = key !== null && isAwayFault(error) ? keptAnswer(key) : null;
  if (!known) return null;
  const answer = jsonResponse(endpoint, known.json, randomUUID());
  answer.headers.set(staleHeader, known.at.toISOString());
  return answer;
}

/** HEAD is asked of the same handler as GET. Nobody reads its body: what would stream it is told so, and lets go. */
function headersOnly({ method }: Request, response: Response): Response {
  if (method !== "HEAD" || !response.body) return response;
  // How letting go went is nothing to wait for.
  response.body.cancel().catch(() => {});
  return new Response(null, response);
}

/** Makes the route handler of `endpoint`. The handler returns the answer, or a Response of its own for what is not JSON. */
export function route<Params, Query, Body, Answer, Needs extends Scope | null>(
  endpoint: Endpoint<Params, Query, Body, Answer, Needs>,
  handler: Handler<Params, Query, Body, Answer, Needs>,
): NextHandler {
  const { method, path } = endpoint;
  const answer: NextHandler = async (request, next) => {
    const requestId = randomUUID();
    let key: string | null = null;
    try {
      const actor = await admit(endpoint, request);
      if (actor && isKept(endpoint)) key = `${actor.userId} ${actor.via} ${new URL(request.url).href}`;
      const context = {
        actor,
        params: readParams(endpoint.params, await next.params),
        query: readQuery(endpoint.query, new URL(request.url).searchParams),
        body: await readBody(endpoint, request),
        request,
        requestId,
        // Each part was parsed by this endpoint's own schema, and admit() gives null only where no scope is needed.
      } as RouteContext<Params, Query, Body, Needs>;
      const answered = await handler(context);
      if (answered instanceof Response) return ownResponse(answered, requestId);
      const json = jsonOf(endpoint, answered);
      if (key && json !== null) keepAnswer(key, json);
      return jsonResponse(endpoint, json, requestId);
    } catch (thrown) {
      const before = answerFromBefore(endpoint, key, thrown);
      if (before) return before;
      const error = asPortalError(thrown);
      report(error, endpoint, requestId);
      return problemResponse(error, requestId);
    }
  };
  return async (request, next) => {
    const stop = metrics().requestSeconds.startTimer({ route: path });
    const response = headersOnly(request, await answer(request, next));
    stop();
    metrics().requests.inc({ route: path, method, status: response.status });
    return response;
  };
}
