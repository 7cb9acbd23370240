// What a benchmark found, as JSON for programs and as a table in docs/performance.md for people.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Spread } from "./measure";

export type Verdict = {
  what: string;
  against: string;
  /** "at most 1.1" */
  goal: string;
  /** What the goal speaks of: a ratio, or a figure with `unit`. */
  value: number;
  unit: string;
  isMet: boolean;
  /** The figures behind it: they are this machine's. */
  figures: string;
};

type Judged = Pick<Verdict, "what" | "against" | "value" | "figures"> & { unit?: string };

const number = (value: number): string => {
  if (value >= 1000) return Math.round(value).toLocaleString("en");
  if (value >= 100) return value.toFixed(0);
  return value.toPrecision(value < 1 ? 2 : 3);
};

export const atMost = (limit: number, { unit = "", ...judged }: Judged): Verdict => ({
  ...judged,
  unit,
  goal: `at most ${limit}${unit}`,
  isMet: judged.value <= limit,
});

export const atLeast = (limit: number, { unit = "", ...judged }: Judged): Verdict => ({
  ...judged,
  unit,
  goal: `at least ${limit}${unit}`,
  isMet: judged.value >= limit,
});

/** "31 ms (28 to 40)" */
export const told = ({ median, low, high }: Spread, unit: string): string =>
  `${number(median)}${unit} (${number(low)} to ${number(high)})`;

export const verdictLine = ({ what, against, goal, value, unit, isMet, figures }: Verdict): string =>
  `${isMet ? "met   " : "MISSED"}  ${what} / ${against}: ${number(value)}${unit}, goal ${goal}; ${figures}`;

export type Report = {
  at: string;
  machine: Record<string, string | number>;
  versions: Record<string, string>;
  /** By benchmark: when and how often, the load while it ran, and what it found. */
  benches: Record<string, { at: string; rounds: number; load: [number, number]; verdicts: Verdict[] }>;
};

const cells = (...texts: string[]): string => `| ${texts.map((text) => text.replaceAll("|", "/")).join(" | ")} |`;

function table({ benches }: Report): string[] {
  const rows = Object.values(benches).flatMap(({ verdicts, load: [before, after] }) =>
    verdicts.map(({ what, against, goal, value, unit, isMet, figures }) => {
      const result = `${number(value)}${unit}`;
      return cells(
        what,
        against,
        goal,
        isMet ? result : `**${result}**`,
        isMet ? "yes" : "**no**",
        figures,
        `${before.toFixed(1)}, ${after.toFixed(1)}`,
      );
    }),
  );
  const head = cells("what", "against", "goal", "found", "met", "figures here: median (lowest to highest)", "load");
  return [head, cells(...Array<string>(7).fill("---")), ...rows];
}

/** "2026-11-28, 5 rounds", or which benchmarks were measured when. */
function whenMeasured({ benches }: Report): string {
  const byTime = Map.groupBy(
    Object.entries(benches),
    ([, { at, rounds }]) => `${at.slice(0, 10)}, ${rounds} ${rounds === 1 ? "round" : "rounds"}`,
  );
  if (byTime.size === 1) return [...byTime.keys()].join("");
  return [...byTime].map(([when, entries]) => `${when} (${entries.map(([name]) => name).join(", ")})`).join("; ");
}

const list = (entries: Record<string, string | number>): string =>
  Object.entries(entries)
    .map(([name, value]) => `${name} ${value}`)
    .join(", ");

const begin = "<!-- npm run bench writes from here -->";
const end = "<!-- to here -->";

/** Puts the table between the markers of a document; what stands around it is kept. */
export function writeTable(file: string, report: Report): void {
  const text = readFileSync(file, "utf8");
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error(`${file} lacks the lines "${begin}" and "${end}".`);
  const about = `Measured ${whenMeasured(report)}; ${list(report.machine)}. Versions: ${list(report.versions)}.`;
  const body = [begin, "", about, "", ...table(report), "", end].join("\n");
  writeFileSync(file, text.slice(0, from) + body + text.slice(to + end.length));
}

/** Merges with what earlier runs of other benchmarks left. */
export function writeJson(file: string, report: Report): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
}
