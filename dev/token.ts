// npm run --silent token -- alice [--data DIR] [--days N] [--scopes a,b]: prints an API token of a person, and nothing else,
// on standard output. Asks the running portal; on a PostgreSQL server (DATABASE_URL) the portal need not run.
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { isPortalError, PortalError } from "@/lib/errors";
import { askOperator } from "@/lib/operator/ask-operator";
import { operatorCommand, operatorToken } from "@/lib/operator/schema";

type TokenCommand = Extract<ReturnType<typeof operatorCommand.parse>, { command: "token" }>;

function readCommand(): { data: string; command: TokenCommand } {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { data: { type: "string", default: ".data" }, days: { type: "string" }, scopes: { type: "string" } },
  });
  const [who] = positionals;
  if (!who || positionals.length > 1) {
    throw new PortalError(
      "invalid",
      "Usage: npm run --silent token -- <person> [--data DIR] [--days N] [--scopes a,b]",
    );
  }
  const days = values.days === undefined ? undefined : Number(values.days);
  const parsed = operatorCommand.safeParse({ command: "token", who, days, scopes: values.scopes?.split(",") });
  if (!parsed.success || parsed.data.command !== "token") {
    const mistakes = parsed.error?.issues.map(({ path, message }) => `--${path[0]?.toString()}: ${message}`).join("; ");
    throw new PortalError("invalid", mistakes ?? "This is no token command.");
  }
  return { data: resolve(values.data), command: parsed.data };
}

async function fromDatabase(command: TokenCommand): Promise<string> {
  // Loaded only here: asking the portal needs no database, and is three times as quick without.
  const { closeDatabase, openDatabase } = await import("@/lib/db");
  const { runCommand } = await import("@/lib/operator/run-command");
  await openDatabase();
  try {
    return operatorToken.parse(await runCommand(command)).secret;
  } finally {
    await closeDatabase();
  }
}

async function main(): Promise<string> {
  const { data, command } = readCommand();
  const answer = await askOperator(data, command, operatorToken);
  if (answer) return answer.secret;
  if (process.env.DATABASE_URL || process.env.DATABASE_URL_FILE) return fromDatabase(command);
  throw new PortalError(
    "unavailable",
    `The portal is not running on ${data}: start it, or name its directory with --data.`,
  );
}

// The log goes to standard output, which is the token's.
process.env.LOG_LEVEL ??= "silent";
main().then(
  (token) => console.log(token),
  (error: unknown) => {
    console.error(isPortalError(error) ? error.message : error);
    process.exitCode = 1;
  },
);
