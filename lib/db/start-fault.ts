// What is wrong with the database, in words for whoever starts the portal or migrates: the server's own, which people who
// use the portal are not told.
import { portalFault } from "@/lib/db/faults";
import { isPortalError, PortalError } from "@/lib/errors";

/** The innermost words. Node's error of several addresses has a code and no message. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return "";
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  return wordsOf(error.cause) || error.message || code;
}

/** PostgreSQL's classes of errors: no such user or password (28), no such database (3D). */
const isRefusal = (error: unknown): boolean =>
  error instanceof Error && "code" in error && /^(28|3D)...$/.test(String(error.code));

/** The server has no TLS, or shows a certificate that this Node does not trust. */
const isOfTls = (error: unknown): boolean =>
  error instanceof Error &&
  (/^(SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_|CERT_|ERR_TLS_|ERR_SSL_)/.test("code" in error ? String(error.code) : "") ||
    /does not support SSL/.test(error.message));

/** `invalid` for what the server refuses and what TLS forbids, `unavailable` with the cause where it does not answer, or the error itself. */
export function startFault(error: unknown): unknown {
  if (isRefusal(error)) {
    return new PortalError("invalid", `The server at DATABASE_URL refuses it: ${wordsOf(error)}.`, { cause: error });
  }
  if (isOfTls(error)) {
    const message = `No encrypted connection to the server at DATABASE_URL: ${wordsOf(error)}.`;
    return new PortalError("invalid", message, { cause: error });
  }
  const fault = portalFault(error);
  if (!isPortalError(fault) || fault.code !== "unavailable") return fault;
  return new PortalError("unavailable", `The database at DATABASE_URL does not answer: ${wordsOf(fault)}.`, {
    cause: error,
  });
}
