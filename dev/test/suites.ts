// The suites of `npm test`: how each is run and its result counted. A suite that could not run counts as a failure.
import { AsyncLocalStorage } from "node:async_hooks";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { z } from "zod";
import { isInterrupted, onInterrupt } from "./interrupt";

export type Count = { passed: number; failed: number };

const reports = "test-results";

const vitestReport = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string(),
      assertionResults: z.array(
        z.object({ fullName: z.string(), status: z.string(), failureMessages: z.array(z.string()).nullish() }),
      ),
    }),
  ),
});
const playwrightTest = z.object({
  status: z.string(),
  results: z.array(z.object({ error: z.object({ message: z.string().optional() }).optional() })),
});
const spec = z.object({ title: z.string(), file: z.string(), tests: z.array(playwrightTest) });
const playwrightSuite = z.object({
  specs: z.array(spec),
  get suites() {
    return z.array(playwrightSuite).optional();
  },
});
const playwrightReport = z.object({
  stats: z.object({ expected: z.number(), unexpected: z.number(), flaky: z.number(), skipped: z.number() }),
  suites: z.array(playwrightSuite),
});

/** What did not pass, with the beginning of why: said once more at the very end, where a long run is looked at. */
export const red: string[] = [];

const noteRed = (where: string, title: string, why = ""): void => {
  // Colours of a terminal would be noise in a list.
  const plain = stripVTControlCharacters(why).trim().split("\n").slice(0, 3).join(" ").slice(0, 400);
  red.push(`${where} > ${title}${plain ? `: ${plain}` : ""}`);
};

function noteVitest({ testResults }: z.infer<typeof vitestReport>): void {
  for (const { name, status, message, assertionResults } of testResults) {
    const where = relative(process.cwd(), name);
    const bad = assertionResults.filter((result) => result.status !== "passed");
    for (const { fullName, failureMessages } of bad) noteRed(where, fullName, failureMessages?.[0]);
    if (status !== "passed" && bad.length === 0) noteRed(where, "the file itself", message);
  }
}

function noteSpecs({ specs, suites = [] }: z.infer<typeof playwrightSuite>): void {
  for (const { title, file, tests } of specs)
    for (const { status, results } of tests)
      if (status !== "expected") {
        const when = status === "flaky" ? `${title} (green at the second try)` : title;
        noteRed(file, when, results.find(({ error }) => error)?.error?.message);
      }
  suites.forEach(noteSpecs);
}

/** Where a suite's output goes: to the terminal as it comes, or, when several run at once, all together at its end. */
const output = new AsyncLocalStorage<(text: string) => void>();

export const say = (text: string): void => (output.getStore() ?? ((words) => process.stdout.write(words)))(text);
/** At once, whatever runs beside: so that somebody who watches sees that it goes on. */
export const sayNow = (text: string): void => void process.stdout.write(text);
export const sayLine = (text: string): void => say(`${text}\n`);

/** Runs `work`; what it says and its programs print is kept and printed when it is done. */
export async function together<T>(work: () => Promise<T>): Promise<T> {
  const kept: string[] = [];
  try {
    return await output.run((text) => void kept.push(text), work);
  } finally {
    process.stdout.write(kept.join(""));
  }
}

type Shown = { code: number; lastLine: string };

const patienceSeconds = 15;

/** Ends the program and whatever it started in its group: vitest's workers, Playwright's browsers. */
async function endGroup(child: ChildProcess): Promise<void> {
  const { pid } = child;
  if (pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  const tell = (signal: NodeJS.Signals) => {
    try {
      process.kill(-pid, signal);
    } catch {
      // The group has ended meanwhile.
    }
  };
  tell("SIGTERM");
  const late = setTimeout(tell, patienceSeconds * 1000, "SIGKILL");
  await ended;
  clearTimeout(late);
}

/** Runs a program with its output shown; answers its exit code and the last line that it printed. */
function show(name: string, args: string[], environment: Record<string, string> = {}): Promise<Shown> {
  // Colours would be noise in a file, which is where a long run's output often goes.
  const plain = process.stdout.isTTY ? {} : { NO_COLOR: "1" };
  const env = { ...process.env, ...plain, ...environment };
  // A group of its own, which an interruption ends as a whole.
  const child = spawn(name, args, { stdio: ["ignore", "pipe", "pipe"], env, detached: true });
  const forget = onInterrupt(() => endGroup(child));
  child.stderr.on("data", (data: Buffer) => say(data.toString()));
  let tail = "";
  child.stdout.on("data", (data: Buffer) => {
    say(data.toString());
    tail = (tail + data.toString()).slice(-1000);
  });
  const { promise, resolve: done } = Promise.withResolvers<Shown>();
  child.on("error", () => done({ code: 127, lastLine: "" }));
  child.on(
    "close",
    (code) => isInterrupted() || done({ code: code ?? 1, lastLine: tail.trimEnd().split("\n").at(-1) ?? "" }),
  );
  return promise.finally(forget);
}

/** Reads a report that must be there: a program that died before writing one has failed. */
function counted<T>(file: string, schema: z.ZodType<T>, count: (report: T) => Count): Count {
  const report = existsSync(file) ? schema.safeParse(JSON.parse(readFileSync(file, "utf8"))) : null;
  if (report?.success) return count(report.data);
  noteRed(file, "no report, or none that can be read");
  return { passed: 0, failed: 1 };
}

function freshReport(name: string): string {
  mkdirSync(reports, { recursive: true });
  const file = join(reports, `${name}.json`);
  rmSync(file, { force: true });
  return file;
}

/** A run that ended badly without a failed test (a hook, a lost worker) has failed all the same. */
function atLeastOne(what: string, code: number, count: Count): Count {
  if (code === 0 || count.failed > 0) return count;
  noteRed(what, `ended with ${code} and no failed test: an error outside of them, a hook, or a lost worker`);
  return { ...count, failed: 1 };
}

/**
 * A project of vitest.config.ts. Skipped tests count as failed: they look green and prove nothing. `run` names one of several
 * runs of a project at a time.
 */
export async function vitest(project: string, environment: Record<string, string> = {}, run = ""): Promise<Count> {
  const file = freshReport(project + run);
  const args = ["run", "--project", project, "--reporter=dot", "--reporter=json", `--outputFile.json=${file}`];
  const { code } = await show("vitest", args, environment);
  const count = counted(file, vitestReport, (report) => {
    noteVitest(report);
    return { passed: report.numPassedTests, failed: report.numFailedTests + report.numPendingTests };
  });
  return atLeastOne(project, code, count);
}

/** A project of e2e/playwright.config.ts. A journey that was green only at the second try is named at the end. */
export async function playwright(project: string, environment: Record<string, string>): Promise<Count> {
  const file = freshReport(`e2e-${project}`);
  const args = ["test", "--config", "e2e/playwright.config.ts", "--project", project, "--reporter=list,json"];
  const { code } = await show("playwright", args, { ...environment, PLAYWRIGHT_JSON_OUTPUT_FILE: resolve(file) });
  const count = counted(file, playwrightReport, ({ stats, suites }) => {
    suites.forEach(noteSpecs);
    return { passed: stats.expected + stats.flaky, failed: stats.unexpected + stats.skipped };
  });
  return atLeastOne(project, code, count);
}

/** A program that ends with "N passed, N failed", or one whose exit code alone is the verdict. */
export async function program(name: string, args: string[], environment: Record<string, string> = {}): Promise<Count> {
  const { code, lastLine } = await show(name, args, environment);
  if (code !== 0) noteRed([name, ...args].join(" "), `ended with ${code}`, lastLine);
  const [, passed, failed] = /(\d+) passed, (\d+) failed/.exec(lastLine) ?? [];
  // It says itself what was red; one that says nothing was red and ends badly has failed all the same.
  if (passed && failed) return { passed: Number(passed), failed: Math.max(Number(failed), code === 0 ? 0 : 1) };
  return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}
