// Slurm's compressed host lists: "cpu[1-3,07-10],gpu1" names many nodes. See scontrol(1), "show hostnames". A list may come
// from a program of the person's own choosing: what it names is counted before any of it is written out.
import { some } from "./fields";

/** More than any one list names or takes: thirty bytes of brackets can stand for ten billion nodes. */
const MOST_NAMES = 100_000;
const LONGEST_LIST = 2 ** 20;
/** hostname(7) allows 253. */
const LONGEST_NAME = 255;

/** Literal text, or what stood in brackets. */
type Part = string | string[];

/** Every name of a host list, in order, leading zeros kept; none where there are more than `most` of them. */
export function expandHostlist(text: string, most = MOST_NAMES): string[] {
  if (some(text) === null || text.length > LONGEST_LIST) return [];
  const entries = splitOutsideBrackets(text).map(partsOf);
  const names = entries.reduce((sum, parts) => sum + countOf(parts), 0);
  const isNonsense = names > most || entries.some((parts) => widthOf(parts) > LONGEST_NAME);
  return isNonsense ? [] : entries.flatMap(expandEntry);
}

/** Expands the lists of one answer, which together name no more than one list may. */
export function hostlistsOfOneAnswer(): (text: string) => string[] {
  let left = MOST_NAMES;
  return (text) => {
    const names = expandHostlist(text, left);
    left -= names.length;
    return names;
  };
}

/** The first name of a host list, or null. */
export const firstOfHostlist = (text: string): string | null =>
  expandHostlist(splitOutsideBrackets(text)[0] ?? "")[0] ?? null;

/** Commas inside brackets separate ranges, not hosts. */
function splitOutsideBrackets(text: string): string[] {
  return text.match(/(?:[^,[\]]+|\[[^[\]]*\])+/g) ?? [];
}

/** "rack[1-2]n[1-4]" is "rack", 1-2, "n", 1-4, "". */
const partsOf = (entry: string): Part[] =>
  entry.split(/\[([^[\]]*)\]/).map((part, index) => (index % 2 === 0 ? part : part.split(",")));

const RANGE = /^(\d{1,15})-(\d{1,15})$/;

/** How many a range stands for; one that is nonsense counts, too, so that none times many is not nothing. */
function sizeOf(range: string): number {
  const [, first, last] = RANGE.exec(range) ?? [];
  return Math.max(1, Number(last ?? 0) - Number(first ?? 0) + 1);
}

const largest = (numbers: number[]): number => numbers.reduce((a, b) => Math.max(a, b), 0);
const countOf = (parts: Part[]): number =>
  parts.reduce(
    (product, part) => product * (typeof part === "string" ? 1 : part.reduce((sum, range) => sum + sizeOf(range), 0)),
    1,
  );
const widthOf = (parts: Part[]): number =>
  parts.reduce(
    (sum, part) => sum + (typeof part === "string" ? part.length : largest(part.map((range) => range.length))),
    0,
  );

/** Each bracket times whatever came before it. */
function expandEntry(parts: Part[]): string[] {
  const wordsOf = (part: Part) => (typeof part === "string" ? [part] : part.flatMap(expandRange));
  return parts.reduce<string[]>(
    (names, part) => {
      const words = wordsOf(part);
      return names.flatMap((name) => words.map((word) => `${name}${word}`));
    },
    [""],
  );
}

function expandRange(range: string): string[] {
  const match = RANGE.exec(range);
  if (!match) return [range];
  const [first, last] = [Number(match[1]), Number(match[2])];
  const digits = match[1]?.length ?? 0;
  const count = Math.max(0, last - first + 1);
  return Array.from({ length: count }, (_, index) => String(first + index).padStart(digits, "0"));
}
