// Runs the fault suite: each file starts its own site, injects, and audits. Prints what was injected, how often, and what
// was lost, doubled or leaked.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installPackages } from "@/dev/demo/machine";
import type { Plan, Result } from "@/e2e/faults/plan";
import { type Count, sayLine, vitest } from "./suites";

const faketime = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1";

type Line = { id: string; what: string; times: number; lost: number; doubled: number; leaked: number; failed: number };

/** Figures tell apart what is the same injection: "kill -9 after 812 ms" and "after 90 ms" are one line. */
const kindOf = (what: string): string => what.replace(/\b\d+ ms\b/, "some ms");

/** One line for each kind of injection. What a round found is told of its first injection. */
function tabulate(results: Result[]): Line[] {
  const lines = new Map<string, Line>();
  for (const { id, injected, failure, lost, doubled, leaked } of results) {
    for (const [index, what] of injected.map(kindOf).entries()) {
      const key = `${id} ${what}`;
      const line = lines.get(key) ?? { id, what, times: 0, lost: 0, doubled: 0, leaked: 0, failed: 0 };
      lines.set(key, line);
      line.times += 1;
      if (index > 0) continue;
      line.lost += lost;
      line.doubled += doubled;
      line.leaked += leaked;
      line.failed += failure ? 1 : 0;
    }
  }
  const number = (id: string) => Number(id.slice(1));
  return [...lines.values()].toSorted((a, b) => number(a.id) - number(b.id) || a.what.localeCompare(b.what));
}

function print(results: Result[]): void {
  const lines = tabulate(results);
  const width = Math.max(8, ...lines.map(({ what }) => what.length));
  const row = (id: string, what: string, figures: (string | number)[]) =>
    sayLine(`${id.padEnd(4)} ${what.padEnd(width)} ${figures.map((figure) => String(figure).padStart(7)).join(" ")}`);
  sayLine("");
  row("case", "injected", ["times", "lost", "doubled", "leaked", "failed"]);
  for (const { id, what, times, lost, doubled, leaked, failed } of lines)
    row(id, what, [times, lost, doubled, leaked, failed]);
  for (const { id, injected, failure } of results)
    if (failure) sayLine(`${id} failed after ${injected.join(", ") || "nothing was injected"}: ${failure}`);
}

function readResults(file: string): Result[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n").filter(Boolean);
  // e2e/faults/plan.ts wrote each line from a Result.
  return lines.map((line) => JSON.parse(line) as Result);
}

/** The faults of one plan. */
export async function injectFaults({ port, rounds, waits, which }: Plan): Promise<Count> {
  if (which !== "quick" && !existsSync(faketime)) await installPackages(["faketime"]);
  const directory = mkdtempSync(join(tmpdir(), "berth-faults-"));
  const results = join(directory, "results");
  try {
    const count = await vitest(which === "all" ? "faults" : `faults-${which}`, {
      BERTH_FAULTS_PORT: String(port),
      BERTH_FAULTS_ROUNDS: String(rounds),
      BERTH_FAULTS_WAITS: waits,
      BERTH_FAULTS_WHICH: which,
      BERTH_FAULTS_RESULTS: results,
    });
    print(readResults(results));
    return count;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
