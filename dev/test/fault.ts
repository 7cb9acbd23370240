// Runs the fault suite: each file starts its own site, injects, and audits. Prints what was injected, how often, and what
// was lost, doubled or leaked.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installPackages } from "@/dev/demo/machine";
import { buildIfNeeded } from "@/dev/demo/release";
import type { Plan, Result } from "@/e2e/faults/plan";
import { onCluster } from "./portals";
import { type Count, sayLine, together, vitest } from "./suites";

const faketime = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1";

type Line = { id: string; what: string; times: number; lost: number; doubled: number; leaked: number; failed: number };

/** Figures tell apart what is the same injection: "kill -9 after 812 ms" and "after 90 ms" are one line. */
const kindOf = (what: string): string => what.replace(/after \d+ (ms|bytes)\b/, "after some $1");

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

const sum = (counts: Count[]): Count => ({
  passed: counts.reduce((all, { passed }) => all + passed, 0),
  failed: counts.reduce((all, { failed }) => all + failed, 0),
});

const inject = ({ port, first, rounds, waits, which }: Plan, results: string): Promise<Count> =>
  vitest(
    which === "all" ? "faults" : `faults-${which}`,
    {
      BERTH_FAULTS_PORT: String(port),
      BERTH_FAULTS_FIRST: String(first),
      BERTH_FAULTS_ROUNDS: String(rounds),
      BERTH_FAULTS_WAITS: waits,
      BERTH_FAULTS_WHICH: which,
      BERTH_FAULTS_RESULTS: results,
    },
    `-${port}-${waits}`,
  );

/** Plans of one port, one after the other on its cluster. One that does not start or stop is a failure. */
function onItsCluster(plans: Plan[], results: string): Promise<Count> {
  const work = async () => {
    const counts: Count[] = [];
    for (const plan of plans) counts.push(await inject(plan, results));
    return sum(counts);
  };
  return onCluster(plans[0]?.port ?? 0, work).catch((error: unknown) => {
    sayLine(String(error));
    return { passed: 0, failed: 1 };
  });
}

/**
 * The rounds of a plan shared out among three clusters, or as many as there are rounds: a fault is mostly waited for, and
 * three at a time leave two cores some rest. The last one has `besides` to do as well, which takes as long as so many rounds.
 */
export function share(plan: Plan, besides = 0): Plan[] {
  const apart = [0, 20, 30].slice(0, plan.rounds);
  const upTo = (index: number) => Math.min(plan.rounds, Math.ceil(((plan.rounds + besides) * index) / apart.length));
  return apart.map((by, index) => ({
    ...plan,
    port: plan.port + by,
    first: plan.first + upTo(index),
    rounds: upTo(index + 1) - upTo(index),
  }));
}

/** The faults of lists of plans, each list on the cluster of its port and the lists side by side; one table of all. */
export async function injectFaults(lists: Plan[][]): Promise<Count> {
  const isQuick = lists.flat().every(({ which }) => which === "quick");
  if (!isQuick && !existsSync(faketime)) await installPackages(["faketime"]);
  // Each list is a process of its own: they would build at the same time.
  if (lists.length > 1) await buildIfNeeded();
  const directory = mkdtempSync(join(tmpdir(), "berth-faults-"));
  const results = join(directory, "results");
  try {
    const counts = await Promise.all(
      lists.map((plans) =>
        lists.length > 1 ? together(() => onItsCluster(plans, results)) : onItsCluster(plans, results),
      ),
    );
    print(readResults(results));
    return sum(counts);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
