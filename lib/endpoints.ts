// Every endpoint of the API: method, path, who may call it, what goes in and out. lib/route.ts enforces it,
// /api/openapi.json prints it, and a test compares it with the files under app/api.
import { z } from "zod";
import { createdToken, me, newToken, tokenView, userView } from "@/lib/auth/schema";
import { clusterView, moduleList } from "@/lib/clusters/schema";
import { count, cursor, endpoint, list } from "@/lib/endpoint";
import { fileEndpoints } from "@/lib/files/endpoints";
import {
  moduleName,
  requestPreview,
  resourceRequest,
  sessionId,
  sessionLog,
  sessionState,
  sessionView,
  ticketAnswer,
} from "@/lib/sessions/schema";
import { templateName, templateView } from "@/lib/templates/schema";
import { terminalEndpoints } from "@/lib/terminals/endpoints";

export type { Endpoint } from "@/lib/endpoint";

const page = { cursor: cursor.optional(), limit: count(200, 50) };
const bySession = z.object({ id: sessionId });
const byUser = z.object({ id: z.string().max(64) });

export const endpoints = {
  health: endpoint({
    method: "GET",
    path: "/api/health",
    summary: "Whether the portal works: database, clusters, reconciler",
    scope: null,
    answer: z.object({
      status: z.enum(["ok", "degraded"]),
      version: z.string(),
      checks: z.record(z.string(), z.object({ ok: z.boolean(), since: z.iso.datetime().nullable() })),
    }),
  }),
  openapi: endpoint({
    method: "GET",
    path: "/api/openapi.json",
    summary: "This description",
    scope: null,
    media: "application/json",
  }),
  metrics: endpoint({
    method: "GET",
    path: "/api/metrics",
    summary: "Counters of this process and gauges of the portal, for Prometheus; operators and administrators only",
    scope: "metrics:read",
    media: "text/plain",
  }),
  me: endpoint({
    method: "GET",
    path: "/api/me",
    summary: "Who I am, my roles and what of my limits is used",
    scope: "sessions:read",
    answer: me,
  }),
  events: endpoint({
    method: "GET",
    path: "/api/events",
    summary: "Server-sent events: what changed",
    scope: "events:read",
    // As Last-Event-ID, which a browser's first request cannot send.
    query: z.object({
      since: z
        .string()
        .regex(/^[0-9a-f]{12}-\d{1,15}$/)
        .optional(),
    }),
    media: "text/event-stream",
  }),
  templates: endpoint({
    method: "GET",
    path: "/api/templates",
    summary: "What can be launched, and where",
    scope: "clusters:read",
    answer: list(templateView),
  }),
  templateIcon: endpoint({
    method: "GET",
    path: "/api/templates/{name}/icon",
    summary: "A template's icon",
    scope: null,
    params: z.object({ name: templateName }),
    media: "image/svg+xml",
  }),
  clusters: endpoint({
    method: "GET",
    path: "/api/clusters",
    summary: "Clusters: partitions, what is free, my accounts there",
    scope: "clusters:read",
    query: z.object({ again: z.enum(["yes", "no"]).default("no").describe("Try again to log in where I was refused") }),
    answer: list(clusterView),
  }),
  modules: endpoint({
    method: "GET",
    path: "/api/clusters/{name}/modules",
    summary: "Environment modules of a cluster",
    scope: "clusters:read",
    params: z.object({ name: z.string().max(32) }),
    query: z.object({ search: z.string().max(100).optional(), cursor: moduleName.optional(), limit: count(500, 500) }),
    answer: moduleList,
  }),
  sessions: endpoint({
    method: "GET",
    path: "/api/sessions",
    summary: "My sessions, newest first; everyone's for operators and administrators",
    scope: "sessions:read",
    query: z.object({
      ...page,
      state: z.enum(["live", ...sessionState.options]).optional(),
      search: z.string().max(100).optional(),
      owner: z.enum(["me", "everyone"]).default("me"),
    }),
    answer: list(sessionView),
  }),
  createSession: endpoint({
    method: "POST",
    path: "/api/sessions",
    summary: "Ask for a session",
    scope: "sessions:write",
    status: 201,
    body: resourceRequest,
    answer: sessionView,
    headers: { "Idempotency-Key": "1 to 200 printable characters; the same key again gives the same session" },
    perMinute: 60,
  }),
  preview: endpoint({
    method: "POST",
    path: "/api/sessions/preview",
    summary: "What policy, quota and the scheduler would say; nothing is submitted",
    scope: "sessions:read",
    body: resourceRequest,
    query: z.object({ estimate: z.enum(["yes", "no"]).default("no") }),
    answer: requestPreview,
  }),
  session: endpoint({
    method: "GET",
    path: "/api/sessions/{id}",
    summary: "One session",
    scope: "sessions:read",
    params: bySession,
    answer: sessionView,
  }),
  stopSession: endpoint({
    method: "POST",
    path: "/api/sessions/{id}/stop",
    summary: "Stop a session",
    scope: "sessions:write",
    params: bySession,
    answer: sessionView,
  }),
  ticket: endpoint({
    method: "POST",
    path: "/api/sessions/{id}/ticket",
    summary: "A one-time address that opens the session's app",
    scope: "sessions:write",
    params: bySession,
    answer: ticketAnswer,
    perMinute: 120,
  }),
  log: endpoint({
    method: "GET",
    path: "/api/sessions/{id}/log",
    summary: "The end of the session's log",
    scope: "sessions:read",
    params: bySession,
    query: z.object({ lines: count(2000, 200) }),
    answer: sessionLog,
  }),
  ...terminalEndpoints,
  ...fileEndpoints,
  tokens: endpoint({
    method: "GET",
    path: "/api/tokens",
    summary: "My API tokens",
    scope: "tokens:write",
    answer: list(tokenView),
  }),
  createToken: endpoint({
    method: "POST",
    path: "/api/tokens",
    summary: "Create an API token; its secret is shown once",
    scope: "tokens:write",
    status: 201,
    body: newToken,
    answer: createdToken,
    perMinute: 20,
  }),
  revokeToken: endpoint({
    method: "DELETE",
    path: "/api/tokens/{id}",
    summary: "Revoke an API token",
    scope: "tokens:write",
    status: 204,
    params: z.object({ id: z.string().max(64) }),
  }),
  users: endpoint({
    method: "GET",
    path: "/api/users",
    summary: "People who have signed in, by name; administrators only",
    scope: "admin:write",
    query: z.object({ ...page, search: z.string().max(100).optional() }),
    answer: list(userView),
  }),
  disableUser: endpoint({
    method: "POST",
    path: "/api/users/{id}/disable",
    summary: "Shut a person out: logins end, tokens stop working; administrators only",
    scope: "admin:write",
    params: byUser,
    body: z
      .strictObject({ stopSessions: z.boolean().default(false).describe("Stop their sessions, too") })
      .prefault({}),
    answer: userView,
  }),
  enableUser: endpoint({
    method: "POST",
    path: "/api/users/{id}/enable",
    summary: "Let a person in again; administrators only",
    scope: "admin:write",
    params: byUser,
    answer: userView,
  }),
  signOut: endpoint({
    method: "POST",
    path: "/api/sign-out",
    summary: "End this login here; answers where to end it at the provider",
    scope: "tokens:write",
    answer: z.object({ url: z.string() }),
  }),
};

export type EndpointName = keyof typeof endpoints;
export type Answer<Name extends EndpointName> = (typeof endpoints)[Name] extends { answer?: z.ZodType<infer Value> }
  ? Value
  : never;
