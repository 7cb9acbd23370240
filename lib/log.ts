// The log: one JSON line an event on standard output, for whatever collects it. Secrets are removed by name,
// long values cut, so that a careless `log().info({ headers })` leaks nothing.
import pino, { type Logger } from "pino";
import { env } from "@/lib/env";
import { once } from "@/lib/once";

const longest = 2000;
const deepest = 6;
const secretName =
  /secret|password|passphrase|token|cookie|authorization|credential|private[-_]?key|api[-_]?key|ticket|^key$/i;
const mark = "[removed]";

/** Where a secret has no name of its own: an address with a password, a query, a header's line, a token of the portal's. */
const inText: [RegExp, string][] = [
  [/(:\/\/[^\s/:@]{0,200}:)[^\s/@]{1,500}@/g, `$1${mark}@`],
  // "state=DOWN" and "exit code=3" are the scheduler's words.
  [/([?&](?:code|state|token)=|[?&;\s](?:ticket|id_token|access_token)=)[^&\s"']{1,2000}/gi, `$1${mark}`],
  [/(authorization: *(?:Bearer|Basic)) +\S+/gi, `$1 ${mark}`],
  [/\bBearer +(?=\S*[\d-])[\w+/=.~-]{6,}/g, `Bearer ${mark}`],
  [/\bberth_[\w-]{43}/g, mark],
];

function cut(text: string): string {
  // Somewhat more than is kept, so that no secret is told for being cut in two.
  const start = inText.reduce(
    (sofar, [pattern, removed]) => sofar.replace(pattern, removed),
    text.slice(0, 2 * longest),
  );
  return start.length <= longest && text.length <= 2 * longest
    ? start
    : `${start.slice(0, longest)}… (${text.length} characters)`;
}

/** Node's rawHeaders are names and values in turn. */
const afterSecretName = (list: unknown[], index: number): boolean => {
  const name = list[index - 1];
  return typeof name === "string" && name.length < 60 && secretName.test(name);
};

function errorFacts(error: Error, depth: number): Record<string, unknown> {
  return {
    // Codes and words of PortalError, Node and PostgreSQL are own properties.
    ...(cleanObject({ ...error }, depth) as Record<string, unknown>),
    type: error.name,
    message: cut(error.message),
    stack: cut(error.stack ?? ""),
    ...(error.cause === undefined ? {} : { cause: clean(error.cause, depth + 1) }),
  };
}

function cleanObject(value: object, depth: number): unknown {
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      secretName.test(name) && typeof inner !== "boolean" && typeof inner !== "number" ? mark : clean(inner, depth + 1),
    ]),
  );
}

function cleanList(list: unknown[], depth: number): unknown[] {
  return list.map((inner, index) =>
    typeof inner === "string" && afterSecretName(list, index) ? mark : clean(inner, depth + 1),
  );
}

function clean(value: unknown, depth: number): unknown {
  if (typeof value === "string") return cut(value);
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object" || value === null) return value;
  if (depth > deepest) return "[deeper]";
  if (value instanceof Error) return errorFacts(value, depth);
  if (value instanceof Date) return value.toISOString();
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value)) return cleanList(value.slice(0, 100), depth);
  return cleanObject(value, depth);
}

/** What the log may keep of `fields`: secrets by name removed, long values cut, errors as plain objects. */
export function loggable(fields: object): Record<string, unknown> {
  if (fields instanceof Error) return { err: errorFacts(fields, 0) };
  // cleanObject of an object is an object.
  return cleanObject(fields, 0) as Record<string, unknown>;
}

/**
 * Where the log goes. Not pino's own way there: on a full disk that one ends the process at a write, and at its end tries
 * the last lines again for ever. A line that finds no room is lost.
 */
const standardOutput: pino.DestinationStream = { write: (line) => void process.stdout.write(line) };

/** Makes a logger that writes to `stream` (standard output unless given). */
export function makeLog(level: string, stream?: pino.DestinationStream): Logger {
  const options: pino.LoggerOptions = {
    level,
    base: { pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }), log: loggable },
    // pino's own would run after ours, on what is no error any more.
    serializers: { err: (value) => value },
  };
  return pino(options, stream ?? standardOutput);
}

/** The log of this process: `log().info({ sessionId }, "session.created")`; the message names the event, the rest are fields. */
export function log(): Logger {
  return once("log", () => {
    process.stdout.on("error", () => {});
    return makeLog(env().logLevel);
  });
}
