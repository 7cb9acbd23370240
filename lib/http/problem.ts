// A fault as RFC 9457 problem JSON. Unknown faults become "internal" and say nothing but the request id;
// every not_found has the same body, so that "not yours" cannot be told from "never was".
import { z } from "zod";
import { type ErrorCode, type FieldErrors, isPortalError, PortalError, STATUS } from "@/lib/errors";

const TITLES: Record<ErrorCode, string> = {
  invalid: "The request is not valid",
  unauthenticated: "Sign in first",
  forbidden: "Not allowed",
  not_found: "Not found",
  not_offered: "Not offered here",
  conflict: "In conflict with what is there",
  denied: "Denied by policy",
  locked: "Another request goes on",
  too_many: "Too many requests",
  internal: "Something went wrong",
  cluster: "The cluster refused or could not be reached",
  cluster_timeout: "The cluster did not answer in time",
  unavailable: "Not available at the moment",
};

export type Problem = {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: ErrorCode;
  fields?: FieldErrors;
  words?: string;
  requestId: string;
};

function detailOf(error: PortalError): string {
  if (error.code === "not_found") return "There is nothing here by that name that you may see.";
  if (error.code === "internal") return "The portal could not do this. Tell support the request id.";
  return error.message;
}

/** Headers of everything the API answers: never cached, never sniffed, never readable from another origin. */
export function apiHeaders(requestId: string): Record<string, string> {
  return {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
    "x-request-id": requestId,
  };
}

/** zod's issues as `invalid`, one sentence per field. */
export function invalidFields(error: z.ZodError): PortalError {
  const fields: FieldErrors = {};
  for (const issue of error.issues) {
    const named = issue.code === "unrecognized_keys" ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
    for (const path of named) fields[path.join(".") || "body"] ??= issue.message;
  }
  return new PortalError("invalid", "Some fields are not valid.", { fields, cause: error });
}

/** The portal's own error for whatever was thrown. */
export function asPortalError(error: unknown): PortalError {
  if (isPortalError(error)) return error;
  if (error instanceof z.ZodError) return new PortalError("internal", "Unchecked data", { cause: error });
  return new PortalError("internal", "Unexpected error", { cause: error });
}

export function problemResponse(error: PortalError, requestId: string): Response {
  const problem: Problem = {
    type: `urn:berth:problem:${error.code}`,
    title: TITLES[error.code],
    status: STATUS[error.code],
    detail: detailOf(error),
    code: error.code,
    fields: error.code === "not_found" ? undefined : error.fields,
    words: error.code === "not_found" || error.code === "internal" ? undefined : error.words,
    requestId,
  };
  const headers = new Headers({ ...apiHeaders(requestId), "content-type": "application/problem+json" });
  if (error.retryAfterSeconds) headers.set("retry-after", String(Math.ceil(error.retryAfterSeconds)));
  if (error.code === "unauthenticated") headers.set("www-authenticate", "Bearer");
  return new Response(JSON.stringify(problem), { status: problem.status, headers });
}
