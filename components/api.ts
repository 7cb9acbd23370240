// The browser's one way to the API: typed by the endpoint table, faults as PortalError, an ended login as a way to sign in.
// Only types come from the table, so that no schema is shipped to the browser.
import { noteLogin } from "@/components/frame/ended-login";
import type { Answer, EndpointName } from "@/lib/endpoints";
import { type ErrorCode, type FieldErrors, PortalError } from "@/lib/errors";

type Options = {
  method?: "GET" | "POST" | "PUT" | "DELETE";
  /** Sent as JSON; bytes as they are. */
  body?: unknown;
  query?: Record<string, string | number | undefined>;
  headers?: Record<string, string>;
  signal?: AbortSignal;
};

/** Asks `url` and answers what the endpoint called `Name` promises. Throws PortalError. */
export async function ask<Name extends EndpointName>(url: string, options: Options = {}): Promise<Answer<Name>> {
  const response = await fetchApi(url, options);
  noteStaleness(response.headers.get("berth-stale-since"));
  // The server checked the answer against the same schema that this type is inferred from.
  if (response.status === 204) return undefined as Answer<Name>;
  return (await bodyOf(response, options.signal)) as Answer<Name>;
}

/** A body may break off after its beginning was a good answer. */
async function bodyOf(response: Response, signal?: AbortSignal): Promise<unknown> {
  try {
    return await response.json();
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new PortalError("unavailable", "The connection broke off before the whole answer was here.", { cause });
  }
}

/** Asks `url` for what is no single JSON value: bytes, or lines that come while one reads. Throws PortalError. */
export async function fetchApi(url: string, options: Options = {}): Promise<Response> {
  const response = await send(url, options);
  noteLogin(response);
  if (!response.ok) throw await faultOf(response);
  return response;
}

let staleSince: string | null = null;
const followers = new Set<() => void>();

/** Since when what the portal answers is not new (its database is away), or null. For useSyncExternalStore. */
export const staleness = {
  since: () => staleSince,
  follow: (follower: () => void) => {
    followers.add(follower);
    return () => void followers.delete(follower);
  },
};

function noteStaleness(since: string | null): void {
  if ((since === null) === (staleSince === null)) return;
  staleSince = since;
  for (const follower of followers) follower();
}

async function send(url: string, { method = "GET", body, query, headers, signal }: Options): Promise<Response> {
  const isBytes = body instanceof Blob;
  try {
    return await fetch(withQuery(url, query), {
      method,
      signal,
      credentials: "same-origin",
      headers: {
        accept: "application/json",
        ...(body === undefined ? {} : { "content-type": isBytes ? "application/octet-stream" : "application/json" }),
        ...headers,
      },
      body: body === undefined || isBytes ? body : JSON.stringify(body),
    });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new PortalError("unavailable", "The portal cannot be reached. Check your connection.", { cause });
  }
}

function withQuery(url: string, query: Options["query"] = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== "");
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)]));
  return given.length > 0 ? `${url}?${search}` : url;
}

type Problem = { code: ErrorCode; detail: string; fields?: FieldErrors; words?: string; requestId?: string };

/** The problem JSON of an answer; something else (a proxy's page) becomes `unavailable`. */
async function faultOf(response: Response): Promise<PortalError> {
  const problem: Partial<Problem> = await response.json().catch(() => ({}));
  if (!problem.code) return new PortalError("unavailable", `The portal answered with status ${response.status}.`);
  const unexplained = problem.code === "internal" && problem.requestId ? ` (${problem.requestId})` : "";
  return new PortalError(problem.code, (problem.detail ?? "") + unexplained, {
    fields: problem.fields,
    words: problem.words,
    retryAfterSeconds: Number(response.headers.get("retry-after")) || undefined,
  });
}

/** For react-query: faults of the network and of a busy cluster are worth another try, a clear "no" is not. */
export function worthRetrying(failures: number, error: Error): boolean {
  const code = "code" in error ? error.code : null;
  const passing = code === "unavailable" || code === "cluster" || code === "cluster_timeout";
  return passing && failures < 2;
}
