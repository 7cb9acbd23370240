// Slurm's compressed host lists: "cpu[1-3,07-10],gpu1" names many nodes. See scontrol(1), "show hostnames".
import { some } from "./fields";

/** More nodes than any one answer names: a malformed range must not eat the memory. */
const MOST = 100_000;

/** Every name of a host list, in order, leading zeros kept. */
export function expandHostlist(text: string): string[] {
  if (some(text) === null) return [];
  return splitOutsideBrackets(text).flatMap(expandEntry);
}

/** Commas inside brackets separate ranges, not hosts. */
function splitOutsideBrackets(text: string): string[] {
  return text.match(/(?:[^,[\]]|\[[^\]]*\])+/g) ?? [];
}

/** "rack[1-2]n[1-4]": the first bracket times whatever the rest expands to. */
function expandEntry(entry: string): string[] {
  const match = /^([^[]*)\[([^\]]*)\](.*)$/.exec(entry);
  if (!match) return [entry];
  const [, prefix = "", ranges = "", rest = ""] = match;
  const numbers = ranges.split(",").flatMap(expandRange);
  const ends = expandEntry(rest);
  return numbers.flatMap((number) => ends.map((end) => `${prefix}${number}${end}`));
}

function expandRange(range: string): string[] {
  const match = /^(\d+)-(\d+)$/.exec(range);
  if (!match) return [range];
  const [first, last] = [Number(match[1]), Number(match[2])];
  if (last < first || last - first >= MOST) return [];
  const digits = match[1]?.length ?? 0;
  return Array.from({ length: last - first + 1 }, (_, index) => String(first + index).padStart(digits, "0"));
}
