// Every case of attacks and faults that concerns what exists is in the name of a test, so that a row which is renamed or
// deleted is missed before a run that takes half an hour misses it.
import { globSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { attackCases } from "@/dev/test/attack-table";
import { samples } from "@/e2e/attacks/access-table";
import { endpoints } from "@/lib/endpoints";

const faultCases = [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 17, 19, 21, 22, 23, 26].map(
  (number) => `F${number}`,
);
/** Of files, on the real sshd: dev/files*.cluster.test.ts has those that need no built server. */
const fileCases = ["E1", "E2", "E3", "E4", "E5", "E6"];

/** Ids at the beginning of a test's name, which is the first thing that `it`, `it.each(...)` and their like are given. */
function idsIn(source: string): string[] {
  const names = source.matchAll(/(?:\b(?:it|describe|fault)|\))\(\s*["'`]((?:[A-Z]\d{1,2}[,:]? )+)\S/g);
  return [...names].flatMap(([, ids = ""]) => ids.match(/[A-Z]\d+/g) ?? []);
}

const named = (pattern: string): Set<string> =>
  new Set(globSync(pattern).flatMap((file) => idsIn(readFileSync(file, "utf8"))));

it("every case of the attacks is in the name of a row, and every row's case is in the list", () => {
  const found = named("e2e/attacks/*.attack.ts");
  expect([...found].toSorted()).toEqual(attackCases.toSorted());
});

it("every case of the faults is in the name of a fault", () => {
  const found = named("e2e/faults/*.ts");
  expect(faultCases.filter((id) => !found.has(id))).toEqual([]);
});

it("every case of files is in the name of a test", () => {
  const found = named("{e2e/attacks/*.attack,dev/*.cluster.test}.ts");
  expect(fileCases.filter((id) => !found.has(id))).toEqual([]);
});

// Something with an id that everybody may see would be named here, with the reason. There is nothing so far.
it("what an endpoint finds by an id is somebody's own in the access matrix, or for administrators alone", () => {
  const byId = Object.entries(endpoints).filter(([, { path }]) => path.includes("{id}"));
  expect(byId.length).toBeGreaterThan(10);
  const open = byId.filter(([name, { scope }]) => scope !== "admin:write" && !samples[name]?.isPersonal);
  expect(open.map(([name]) => name)).toEqual([]);
});

it("every case has a line in docs/security.md, which says what is tried and what becomes of it", () => {
  const lines = readFileSync("docs/security.md", "utf8").matchAll(/^\| ((?:[A-Z]\d{1,2}(?:, )?)+) \|/gm);
  const told = [...lines].flatMap(([, ids = ""]) => ids.split(", "));
  expect(told.toSorted()).toEqual([...new Set([...attackCases, ...fileCases])].toSorted());
});

it("ids are read from names of tests, and from nothing else", () => {
  const source = `it("B8 C9 a row", ...); it.each(x)(\n  \`E10, P1: another\`); // A1 is elsewhere
    create({ name: "A9 twenty" }); const kinds = ["C5: 16 floods"];`;
  expect(idsIn(source)).toEqual(["B8", "C9", "E10", "P1"]);
});
