// npm run --silent audit -- [--data DIR] [--expect LINK:HASH]: verifies the chain over audited events. Asks the running
// portal; on a PostgreSQL server (DATABASE_URL, PORTAL_SECRET) the portal need not run. Exit code 1: it does not hold.
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { sayWhy } from "@/dev/operator/do-command";
import { type AuditReport, auditReport } from "@/lib/audit/schema";
import { PortalError } from "@/lib/errors";
import { askOperator } from "@/lib/operator/ask-operator";
import { operatorCommand } from "@/lib/operator/schema";

type AuditCommand = Extract<ReturnType<typeof operatorCommand.parse>, { command: "audit" }>;

function readCommand(): { data: string; command: AuditCommand } {
  const { values } = parseArgs({ options: { data: { type: "string", default: ".data" }, expect: { type: "string" } } });
  const [number, hash] = values.expect?.split(":") ?? [];
  const expected = values.expect === undefined ? undefined : { number: Number(number), hash };
  const parsed = operatorCommand.safeParse({ command: "audit", expect: expected });
  if (!parsed.success || parsed.data.command !== "audit") {
    throw new PortalError(
      "invalid",
      "--expect takes the number of a link, a colon and its hash, as this command prints.",
    );
  }
  return { data: resolve(values.data), command: parsed.data };
}

async function fromDatabase({ expect }: AuditCommand): Promise<AuditReport> {
  const { closeDatabase, openDatabase } = await import("@/lib/db");
  const { verifyEvents } = await import("@/lib/audit/verify-events");
  await openDatabase();
  return verifyEvents(expect).finally(closeDatabase);
}

async function report(): Promise<AuditReport> {
  const { data, command } = readCommand();
  const answer = await askOperator(data, command, auditReport);
  if (answer) return answer;
  if (process.env.DATABASE_URL || process.env.DATABASE_URL_FILE) return fromDatabase(command);
  throw new PortalError(
    "unavailable",
    `The portal is not running on ${data}: start it, or name its directory with --data.`,
  );
}

function print({ links, events, unsealed, head, formerSecret, problems }: AuditReport): void {
  for (const problem of problems) console.log(`✗ ${problem}`);
  console.log(`${events} events in ${links} links, ${unsealed} newer ones not in the chain yet.`);
  if (formerSecret > 0)
    console.log(`${formerSecret} links were signed with a former PORTAL_SECRET: only their hashes count.`);
  if (head) console.log(`Note this elsewhere, and give it as --expect later: ${head.number}:${head.hash}`);
  console.log(problems.length === 0 ? "The chain holds." : "The chain does not hold.");
}

// The log goes to standard output, which is the report's.
process.env.LOG_LEVEL ||= "silent";
report().then(
  (found) => {
    print(found);
    process.exitCode = found.problems.length === 0 ? 0 : 1;
  },
  (error: unknown) => {
    sayWhy(error);
    process.exitCode = 2;
  },
);
