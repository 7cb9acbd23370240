// The description of the API, made from the same schemas that check requests and type answers.

import { z } from "zod";
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from "zod-openapi";
import { loginCookieName } from "@/lib/auth/cookies";
import { config } from "@/lib/config";
import { type Endpoint, endpoints } from "@/lib/endpoints";
import { type ErrorCode, STATUS } from "@/lib/errors";
import { version } from "@/lib/health";

// The table holds endpoints of many types; the description reads only what they have in common.
const all = Object.entries(endpoints) as [string, Endpoint<unknown, unknown, unknown, unknown>][];

const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number(),
    detail: z.string(),
    code: z.enum(Object.keys(STATUS) as [ErrorCode, ...ErrorCode[]]), // Object.keys forgets the literal types.
    fields: z.record(z.string(), z.string()).optional(),
    words: z.string().optional(),
    requestId: z.string(),
  })
  .meta({ id: "Problem", description: "RFC 9457 problem details" });

/** Conditions and ranges of HTTP: a request is whole without them. */
const mayBeLeftOut = /^(If-.*|Range)$/;

const json = (schema: z.ZodType) => ({ "application/json": { schema } });

const headerOf = ([name, description]: [string, string]) => {
  const schema = z.string().meta({ description });
  return [name, mayBeLeftOut.test(name) ? schema.optional() : schema];
};

function answerOf(endpoint: Endpoint<unknown, unknown, unknown, unknown>, description: string) {
  if (endpoint.status === 204) return { description };
  const media = endpoint.media ?? "application/json";
  return { description, content: { [media]: endpoint.answer ? { schema: endpoint.answer } : {} } };
}

function operation(name: string, endpoint: Endpoint<unknown, unknown, unknown, unknown>): ZodOpenApiOperationObject {
  const { params, query, body, bodyMedia, headers = {}, also = {}, scope } = endpoint;
  const header = z.object(Object.fromEntries(Object.entries(headers).map(headerOf)));
  const others = Object.entries(also).map(([status, text]) => {
    return [status, status === "206" ? answerOf(endpoint, text) : { description: text }];
  });
  // The library reads every member it is given, so what is not there must be left out.
  const places = { path: params, query, header: Object.keys(headers).length > 0 ? header : undefined };
  const requestParams = Object.fromEntries(
    Object.entries(places).filter(([, schema]) => schema instanceof z.ZodObject),
  );
  return {
    operationId: name,
    summary: endpoint.summary,
    security: scope === null ? [] : [{ token: [scope] }, { cookie: [] }],
    requestParams,
    ...(bodyMedia ? { requestBody: { content: { [bodyMedia]: {} } } } : {}),
    ...(body ? { requestBody: { required: !body.safeParse(undefined).success, content: json(body) } } : {}),
    responses: {
      [String(endpoint.status ?? 200) as "200"]: answerOf(endpoint, endpoint.summary), // The library wants a literal status.
      ...Object.fromEntries(others),
      default: { description: "What went wrong", content: { "application/problem+json": { schema: problem } } },
    },
  };
}

/** The OpenAPI 3.1 document of this portal. */
export function openapi() {
  const paths: ZodOpenApiPathsObject = {};
  for (const [name, endpoint] of all) {
    paths[endpoint.path] = { ...paths[endpoint.path], [endpoint.method.toLowerCase()]: operation(name, endpoint) };
  }
  return createDocument({
    openapi: "3.1.0",
    info: { title: config().branding.title, version, license: { name: "Apache-2.0", identifier: "Apache-2.0" } },
    servers: [{ url: config().url }],
    paths,
    components: {
      securitySchemes: {
        token: { type: "http", scheme: "bearer", description: "An API token from Settings" },
        cookie: { type: "apiKey", in: "cookie", name: loginCookieName(), description: "A browser's login" },
      },
    },
  });
}
