// What the commands for operators share: the running portal is asked; on a PostgreSQL server (DATABASE_URL) the portal need
// not run. Standard output is the answer's alone.
import type { z } from "zod";
import { isPortalError, PortalError } from "@/lib/errors";
import { askOperator } from "@/lib/operator/ask-operator";
import type { OperatorCommand } from "@/lib/operator/schema";

async function throughDatabase<T>(command: OperatorCommand, schema: z.ZodType<T>): Promise<T> {
  // Loaded only here: asking the portal needs no database, and is three times as quick without.
  const { closeDatabase, openDatabase } = await import("@/lib/db");
  const { runCommand } = await import("@/lib/operator/run-command");
  await openDatabase();
  return runCommand(command)
    .then((answer) => schema.parse(answer))
    .finally(closeDatabase);
}

/** Has `command` done for the portal of `dataDir`. Throws what the portal throws, or `unavailable` where there is none. */
export async function doCommand<T>(dataDir: string, command: OperatorCommand, schema: z.ZodType<T>): Promise<T> {
  const answer = await askOperator(dataDir, command, schema);
  if (answer) return answer;
  if (process.env.DATABASE_URL || process.env.DATABASE_URL_FILE) return throughDatabase(command, schema);
  const sentence = `The portal is not running on ${dataDir}: start it, or name its directory with --data.`;
  throw new PortalError("unavailable", sentence);
}

/** Of an option that the command does not have, Node's sentence says all; where in our code it was noticed helps nobody. */
const isMisuse = (error: unknown): error is Error =>
  error instanceof Error && String((error as NodeJS.ErrnoException).code).startsWith("ERR_PARSE_ARGS");

export const sayWhy = (error: unknown): void =>
  console.error(isPortalError(error) || isMisuse(error) ? error.message : error);

/** Prints what `main` answers, or on standard error why not. */
export function printAnswer(main: () => Promise<string>): void {
  // The log goes to standard output, which is the answer's.
  process.env.LOG_LEVEL ||= "silent";
  main().then(
    (answer) => console.log(answer),
    (error: unknown) => {
      sayWhy(error);
      process.exitCode = 1;
    },
  );
}
