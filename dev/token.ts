// npm run --silent token -- alice [--data DIR] [--days N] [--scopes a,b]: prints an API token of a person, and nothing else,
// on standard output. Asks the running portal; on a PostgreSQL server (DATABASE_URL) the portal need not run.
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { doCommand, printAnswer } from "@/dev/operator/do-command";
import { PortalError } from "@/lib/errors";
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

printAnswer(async () => {
  const { data, command } = readCommand();
  return (await doCommand(data, command, operatorToken)).secret;
});
