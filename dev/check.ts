// npm run check: types, lint, dead code, templates, shell scripts and unit tests, without a daemon. Ends with one line
// "N passed, N failed". What could not run is said; with --ci (or CI set) it fails.
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { z } from "zod";
import { readTemplate } from "@/lib/templates/template";

type Count = { passed: number; failed: number };
type Outcome = Count & { words: string };

const mustRunAll = process.argv.includes("--ci") || Boolean(process.env.CI);
const report = "test-results/check.json";
const total: Count = { passed: 0, failed: 0 };

/** Runs a program quietly. Its words are kept for the case that it fails. */
function run(name: string, args: string[]): Promise<{ code: number; words: string }> {
  const child = spawn(name, args, { stdio: ["ignore", "pipe", "pipe"] });
  let words = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (bytes: Buffer) => {
      words += bytes.toString();
    });
  }
  const { promise, resolve } = Promise.withResolvers<{ code: number; words: string }>();
  child.on("error", (error: NodeJS.ErrnoException) => resolve({ code: 127, words: `${name}: ${error.message}` }));
  child.on("close", (code) => resolve({ code: code ?? 1, words }));
  return promise;
}

async function step(title: string, work: () => Promise<Outcome>): Promise<void> {
  const startedAt = performance.now();
  const { passed, failed, words } = await work().catch(
    (error: unknown): Outcome => ({
      passed: 0,
      failed: 1,
      words: error instanceof Error ? error.message : String(error),
    }),
  );
  total.passed += passed;
  total.failed += failed;
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`${failed === 0 ? "✓" : "✗"} ${title} (${seconds} s)${failed > 0 || passed === 0 ? `\n${words}` : ""}`);
}

/** A program whose exit code is the verdict. */
const program =
  (name: string, ...args: string[]) =>
  async (): Promise<Outcome> => {
    const { code, words } = await run(name, args);
    return code === 0 ? { passed: 1, failed: 0, words } : { passed: 0, failed: 1, words };
  };

async function templates(): Promise<Outcome> {
  const names = readdirSync("templates", { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const mistakes = names.flatMap(({ name }) => {
    try {
      readTemplate("templates", name);
      return [];
    } catch (error) {
      return [error instanceof Error ? error.message : String(error)];
    }
  });
  return { passed: names.length - mistakes.length, failed: mistakes.length, words: mistakes.join("\n") };
}

/** Every script of the project that says it is one for a shell. */
function shellScripts(): string[] {
  const list = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "-z"])
    .toString()
    .split("\0");
  const candidates = list.filter(
    (file) => file !== "" && (/\.sh$/.test(file) || !file.split("/").at(-1)?.includes(".")),
  );
  return candidates.filter(
    (file) => /\.sh$/.test(file) || /^#!.*\b(ba|da)?sh\b/.test(readFileSync(file, "utf8").slice(0, 60)),
  );
}

async function shellcheck(): Promise<Outcome> {
  const { code, words } = await run("shellcheck", ["--external-sources", ...shellScripts()]);
  if (code === 127) {
    const missing = "shellcheck is not installed, so no script was checked: apt-get install shellcheck";
    return { passed: 0, failed: mustRunAll ? 1 : 0, words: missing };
  }
  return code === 0 ? { passed: 1, failed: 0, words } : { passed: 0, failed: 1, words };
}

const vitestReport = z.object({ numPassedTests: z.number(), numFailedTests: z.number(), numPendingTests: z.number() });

async function unitTests(): Promise<Outcome> {
  mkdirSync("test-results", { recursive: true });
  rmSync(report, { force: true });
  const reporters = ["--reporter=dot", "--reporter=json", `--outputFile.json=${report}`];
  const { code, words } = await run("vitest", ["run", "--project", "unit", "--no-color", ...reporters]);
  // A run that died before it wrote its report throws here, and counts as one failure.
  const { numPassedTests, numFailedTests, numPendingTests } = vitestReport.parse(
    JSON.parse(readFileSync(report, "utf8")),
  );
  // A skipped test looks green and proves nothing; a run may end badly without a failed test.
  const failed = numFailedTests + numPendingTests;
  return { passed: numPassedTests, failed: code !== 0 && failed === 0 ? 1 : failed, words };
}

async function quickSteps(): Promise<void> {
  await step("lint and format", program("biome", "ci", "--reporter=concise", "--colors=off", "--max-diagnostics=100"));
  await step("types", program("tsc", "--noEmit"));
  await step("dead code and dependencies", program("knip"));
  await step("templates", templates);
  await step("shell scripts", shellcheck);
}

await Promise.all([quickSteps(), step("unit tests and guards", unitTests)]);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;
