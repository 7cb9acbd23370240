// What no endpoint answers: an unknown path or method of the API gets the API's own problem JSON, never a page.
import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { type Endpoint, endpoints } from "@/lib/endpoints";
import { PortalError } from "@/lib/errors";
import { problemResponse } from "@/lib/http/problem";

/** next-auth answers here by itself: these addresses belong to the sign-in protocol. */
const protocol = "/api/auth/";

const known = new Map<string, Set<string>>();
for (const { method, path } of Object.values(endpoints) as Pick<Endpoint, "method" | "path">[]) {
  const pattern = path.replaceAll(/[.]/g, "\\.").replaceAll(/\{\w+\}/g, "[^/]+");
  const methods = known.get(pattern) ?? new Set(["OPTIONS"]);
  known.set(pattern, methods.add(method));
  // RFC 9110, 9.3.2: what can be had can be asked about.
  if (method === "GET") methods.add("HEAD");
}
const patterns = [...known].map(([pattern, methods]) => ({
  pattern: new RegExp(`^${pattern}/?$`),
  methods,
  isFixed: !pattern.includes("[^/]"),
}));

/** The fault of a request to a path under /api/ that nobody answers, with the methods that the path has; else null. */
export function unknownEndpoint(method: string, pathname: string): { error: PortalError; allow?: string } | null {
  if (!pathname.startsWith("/api/") || pathname.startsWith(protocol)) return null;
  const found = patterns.filter(({ pattern }) => pattern.test(pathname));
  // A fixed name matches a placeholder as well, /api/sessions/preview also /api/sessions/{id}; the router takes the fixed one.
  const methods = (found.find(({ isFixed }) => isFixed) ?? found[0])?.methods;
  if (!methods) return { error: new PortalError("not_found", "No endpoint") };
  if (methods.has(method)) return null;
  const allow = [...methods].toSorted().join(", ");
  return { error: new PortalError("not_offered", `${method} is not offered here; ${allow} are.`), allow };
}

/** Answers what unknownEndpoint() found; the body that may follow is not read. */
export async function sendUnknown(
  response: ServerResponse<IncomingMessage>,
  { error, allow }: { error: PortalError; allow?: string },
): Promise<void> {
  const answer = problemResponse(error, randomUUID());
  for (const [name, value] of answer.headers) response.setHeader(name, value);
  if (allow) response.setHeader("allow", allow);
  const body = await answer.text();
  response.writeHead(answer.status, { "content-length": Buffer.byteLength(body), connection: "close" });
  response.end(response.req.method === "HEAD" ? undefined : body);
}
