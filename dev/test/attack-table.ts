// The rows of an attack run by case: how many, and whether all held.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { sayLine } from "./suites";

/** One test: the ids of its cases are the first words of its name, or of the group it is in. */
export type Row = { ids: string[]; name: string; isGreen: boolean; site: string };

/** Cases that concern what the product has so far. A run without a row for one of them has failed. */
export const attackCases = [
  ...["A1", "A2", "A3", "A4", "A5", "A6", "A7", "A8", "A9", "A10", "A11"],
  ...["B1", "B3", "B4", "B5", "B6", "B7", "B8", "B10", "B11"],
  ...["C1", "C2", "C3", "C4", "C5", "C6", "C7", "C8", "C9"],
  ...["D1", "D2", "D3", "D4", "D5", "D7", "D8", "D9"],
  ...["E1", "E3", "E4", "E5", "E6", "E8", "E10"],
  ...["P1", "P2", "P4", "P5", "P6", "P7", "P8", "P10"],
];

const report = z.object({
  testResults: z.array(
    z.object({ assertionResults: z.array(z.object({ fullName: z.string(), title: z.string(), status: z.string() })) }),
  ),
});

function idsOf(...names: string[]): string[] {
  const found = names.map((name) => /^(?:[A-Z]\d{1,2}[,:]? )+/.exec(name.trim())?.[0].match(/[A-Z]\d+/g));
  return found.find((ids) => ids) ?? /\b[A-Z]\d{1,2}\b/.exec(names.join(" "))?.slice() ?? ["?"];
}

/** What the last run of a vitest project reported. A test without a case's id is a row of "?". */
export function rowsOf(project: string, site: string): Row[] {
  const file = join("test-results", `${project}.json`);
  if (!existsSync(file)) return [];
  const { testResults } = report.parse(JSON.parse(readFileSync(file, "utf8")));
  return testResults.flatMap(({ assertionResults }) =>
    assertionResults.map(({ fullName, title, status }) => {
      const name = fullName.trim();
      return { ids: idsOf(title, name), name, isGreen: status === "passed", site };
    }),
  );
}

export const missingCases = (rows: Row[]): string[] =>
  attackCases.filter((id) => !rows.some(({ ids }) => ids.includes(id)));

const inOrder = (one: string, other: string): number => one.localeCompare(other, "en", { numeric: true });

export function printTable(rows: Row[]): void {
  const ids = [...new Set(rows.flatMap((row) => row.ids))].toSorted(inOrder);
  sayLine("\ncase  rows  held  verdict");
  for (const id of ids) {
    const own = rows.filter((row) => row.ids.includes(id));
    const red = own.filter(({ isGreen }) => !isGreen);
    const verdict = red.length === 0 ? "holds" : "BROKEN";
    sayLine(
      `${id.padEnd(4)}  ${String(own.length).padStart(4)}  ${String(own.length - red.length).padStart(4)}  ${verdict}`,
    );
    for (const { name, site } of red) sayLine(`        ${name} (${site})`);
  }
}
