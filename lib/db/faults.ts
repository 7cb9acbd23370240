// Tells apart what a failed query means: the database is away (unavailable, try later), two transactions collided
// (try again at once), or a mistake of ours (passed on).
import { awayFault } from "@/lib/db/away";
import { isPortalError } from "@/lib/errors";

// https://www.prisma.io/docs/orm/reference/error-reference
const awayCodes = new Set(["P1001", "P1002", "P1008", "P1017", "P2024", "P2028", "P2037"]);
const socketCodes = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
]);
// https://www.postgresql.org/docs/current/errcodes-appendix.html: connection, too many connections, shutdown, starting up,
// idle too long; 57014 is our own statement time-out; 25006 is a replica, or a primary that was replaced, which takes no writes.
const awayStates = /^(08...|25006|25P03|53300|57P0[1-35]|57014)$/;
const awayWords =
  /connection terminated|connection timeout|timeout expired|timeout exceeded when trying to connect|query read timeout|not queryable|connection error|Can't reach database server|Cannot use a pool after calling end|Server has closed the connection/i;

/** What Prisma's adapter makes of a socket that broke in the middle of a query. */
const awayKinds = new Set(["ConnectionClosed", "SocketTimeout", "DatabaseNotReachable", "TooManyConnections"]);

/** What the layers of Prisma, its adapter, node-postgres and Node keep of the same fault. */
type Facts = {
  code?: unknown;
  message?: unknown;
  cause?: unknown;
  meta?: unknown;
  originalCode?: unknown;
  kind?: unknown;
};

function* layers(error: unknown): Generator<Facts> {
  const seen = new Set<unknown>();
  const queue = [error];
  while (queue.length > 0) {
    const next = queue.shift();
    if (typeof next !== "object" || next === null || seen.has(next)) continue;
    seen.add(next);
    // Every property is optional and unknown, which holds of any object.
    const facts = next as Facts & { driverAdapterError?: unknown };
    yield facts;
    queue.push(facts.cause, facts.meta, facts.driverAdapterError);
  }
}

function codesOf(facts: Facts): string[] {
  return [facts.code, facts.originalCode].filter((code): code is string => typeof code === "string");
}

function saysAway(facts: Facts): boolean {
  if (codesOf(facts).some((code) => awayCodes.has(code) || socketCodes.has(code) || awayStates.test(code))) return true;
  if (typeof facts.kind === "string" && awayKinds.has(facts.kind)) return true;
  return typeof facts.message === "string" && awayWords.test(facts.message);
}

/** True when the same transaction may succeed if run again: a serialization failure or a deadlock. */
export function isRetryable(error: unknown): boolean {
  return [...layers(error)].some((facts) => codesOf(facts).some((code) => /^(P2034|40001|40P01)$/.test(code)));
}

/** True when a row with the same unique columns exists already. */
export function isUniqueViolation(error: unknown): boolean {
  return [...layers(error)].some((facts) => codesOf(facts).some((code) => code === "P2002" || code === "23505"));
}

/** The fault to throw on: `unavailable` when the database is away, else the error itself. */
export function portalFault(error: unknown): unknown {
  if (isPortalError(error)) return error;
  if (![...layers(error)].some(saysAway)) return error;
  return awayFault(error);
}
