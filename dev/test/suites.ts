// The suites of `npm test`: how each is run and its result counted. A suite that could not run counts as a failure.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

export type Count = { passed: number; failed: number };

const reports = "test-results";

const vitestReport = z.object({ numPassedTests: z.number(), numFailedTests: z.number(), numPendingTests: z.number() });
const playwrightReport = z.object({
  stats: z.object({ expected: z.number(), unexpected: z.number(), flaky: z.number(), skipped: z.number() }),
});

/** Runs a program with its output shown; answers its exit code. */
export function show(name: string, args: string[], environment: Record<string, string> = {}): Promise<number> {
  const env = { ...process.env, ...environment };
  const child = spawn(name, args, { stdio: ["ignore", "inherit", "inherit"], env });
  return new Promise((resolve) => {
    child.on("error", () => resolve(127));
    child.on("exit", (code) => resolve(code ?? 1));
  });
}

/** Reads a report that must be there: a program that died before writing one has failed. */
function counted<T>(file: string, schema: z.ZodType<T>, count: (report: T) => Count): Count {
  if (!existsSync(file)) return { passed: 0, failed: 1 };
  const report = schema.safeParse(JSON.parse(readFileSync(file, "utf8")));
  return report.success ? count(report.data) : { passed: 0, failed: 1 };
}

function freshReport(name: string): string {
  mkdirSync(reports, { recursive: true });
  const file = join(reports, `${name}.json`);
  rmSync(file, { force: true });
  return file;
}

/** A run that ended badly without a failed test (a hook, a lost worker) has failed all the same. */
const atLeastOne = (code: number, count: Count): Count =>
  code !== 0 && count.failed === 0 ? { ...count, failed: 1 } : count;

/** A project of vitest.config.ts. Skipped tests count as failed: they look green and prove nothing. */
export async function vitest(project: string, environment: Record<string, string> = {}): Promise<Count> {
  const file = freshReport(project);
  const args = ["run", "--project", project, "--reporter=dot", "--reporter=json", `--outputFile.json=${file}`];
  const code = await show("vitest", args, environment);
  const count = counted(file, vitestReport, (report) => ({
    passed: report.numPassedTests,
    failed: report.numFailedTests + report.numPendingTests,
  }));
  return atLeastOne(code, count);
}

/** A project of e2e/playwright.config.ts. */
export async function playwright(project: string, environment: Record<string, string>): Promise<Count> {
  const file = freshReport(`e2e-${project}`);
  const args = ["test", "--config", "e2e/playwright.config.ts", "--project", project, "--reporter=list,json"];
  const code = await show("playwright", args, { ...environment, PLAYWRIGHT_JSON_OUTPUT_NAME: file });
  const count = counted(file, playwrightReport, ({ stats }) => ({
    passed: stats.expected,
    failed: stats.unexpected + stats.flaky + stats.skipped,
  }));
  return atLeastOne(code, count);
}

/** A program whose exit code is the verdict. */
export async function program(name: string, args: string[], environment: Record<string, string> = {}): Promise<Count> {
  return (await show(name, args, environment)) === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}
