// What a benchmark found, as JSON for programs and as a table in docs/performance.md for people.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Spread } from "./measure";

export type Verdict = {
  what: string;
  against: string;
  /** "at most 1.1"; empty where there is none. */
  goal: string;
  /** What the goal speaks of: a ratio, or a figure with `unit`. */
  value: number;
  unit: string;
  /** Null without a goal. */
  isMet: boolean | null;
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

/** A figure that is told and not judged. */
export const withoutGoal = ({ unit = "", ...judged }: Judged): Verdict => ({ ...judged, unit, goal: "", isMet: null });

/** "31 ms (28 to 40)" */
export const told = ({ median, low, high }: Spread, unit: string): string =>
  `${number(median)}${unit} (${number(low)} to ${number(high)})`;

export const verdictLine = ({ what, against, goal, value, unit, isMet, figures }: Verdict): string =>
  `${isMet === null ? "told  " : isMet ? "met   " : "MISSED"}  ${what} / ${against}: ${number(value)}${unit}, goal ${goal || "none"}; ${figures}`;

/** What figures were found with. `commit` is the portal's own. */
export type Setting = {
  commit: string;
  machine: Record<string, string | number>;
  versions: Record<string, string>;
};

/** By benchmark: when, how often and with what, the load while it ran, and what it found. */
export type Report = Record<
  string,
  Setting & { at: string; rounds: number; load: [number, number]; verdicts: Verdict[] }
>;

const cells = (...texts: string[]): string => `| ${texts.map((text) => text.replaceAll("|", "/")).join(" | ")} |`;

function table(report: Report): string[] {
  const rows = Object.values(report).flatMap(({ verdicts, load: [before, after] }) =>
    verdicts.map(({ what, against, goal, value, unit, isMet, figures }) => {
      const result = `${number(value)}${unit}`;
      return cells(
        what,
        against,
        goal,
        isMet === false ? `**${result}**` : result,
        isMet === null ? "" : isMet ? "yes" : "**no**",
        figures,
        `${before.toFixed(1)}, ${after.toFixed(1)}`,
      );
    }),
  );
  const head = cells("what", "against", "goal", "found", "met", "figures here: median (lowest to highest)", "load");
  return [head, cells(...Array<string>(7).fill("---")), ...rows];
}

const list = (entries: Record<string, string | number>): string =>
  Object.entries(entries)
    .map(([name, value]) => `${name} ${value}`)
    .join(", ");

/** When and with what it was measured; of several runs a paragraph each, with the benchmarks that are theirs. */
function whenMeasured(report: Report): string[] {
  const runs = Map.groupBy(
    Object.entries(report),
    ([, { at, rounds, commit, machine, versions }]) =>
      `${at.slice(0, 10)}, ${rounds} ${rounds === 1 ? "round" : "rounds"}, commit ${commit}; ${list(machine)}. Versions: ${list(versions)}.`,
  );
  const names = (entries: [string, unknown][]) => entries.map(([name]) => name).join(", ");
  return [...runs].map(([run, entries]) => `${runs.size > 1 ? `${names(entries)}: measured` : "Measured"} ${run}`);
}

const begin = "<!-- npm run bench writes from here -->";
const end = "<!-- to here -->";

/** Puts the table between the markers of a document; what stands around it is kept. */
export function writeTable(file: string, report: Report): void {
  const text = readFileSync(file, "utf8");
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error(`${file} lacks the lines "${begin}" and "${end}".`);
  const about = whenMeasured(report).flatMap((run) => [run, ""]);
  const body = [begin, "", ...about, ...table(report), "", end].join("\n");
  writeFileSync(file, text.slice(0, from) + body + text.slice(to + end.length));
}

export function writeJson(file: string, report: Report): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
}
