// Every fault the portal reports has one of these codes; lib/route.ts turns it into RFC 9457 problem JSON.
// The browser matches on the code, never on the text.

/** Error code -> HTTP status. */
export const STATUS = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  not_offered: 405,
  conflict: 409,
  denied: 422,
  locked: 423,
  too_many: 429,
  internal: 500,
  cluster: 502,
  unavailable: 503,
  cluster_timeout: 504,
} as const;

export type ErrorCode = keyof typeof STATUS;

/** One sentence per field of the request, keyed by its path ("memoryGiB", "parameters.folder"). */
export type FieldErrors = Record<string, string>;

export type ErrorDetails = {
  fields?: FieldErrors;
  /** The scheduler's or sshd's own words, verbatim. */
  words?: string;
  retryAfterSeconds?: number;
  /** The cluster does not let this account in: nothing was run, and asking again soon changes nothing. */
  accountRefused?: boolean;
  cause?: unknown;
};

/** A fault with a code. Thrown once, where it is found; mapped once, in lib/route.ts. */
export class PortalError extends Error {
  readonly berth = true;
  readonly code: ErrorCode;
  readonly fields?: FieldErrors;
  readonly words?: string;
  readonly retryAfterSeconds?: number;
  readonly accountRefused?: boolean;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.name = "PortalError";
    this.code = code;
    this.fields = details.fields;
    this.words = details.words;
    this.retryAfterSeconds = details.retryAfterSeconds;
    this.accountRefused = details.accountRefused;
  }
}

/** True for a PortalError of any module graph: server.ts and Next each have their own copy of the class. */
export function isPortalError(error: unknown): error is PortalError {
  return error instanceof Error && "berth" in error && "code" in error;
}

/** True where the cluster did not let the person in, for good or for now: nothing was run, and nothing is known of their jobs. */
export const isAccountRefused = (error: unknown): error is PortalError =>
  isPortalError(error) && error.accountRefused === true;
