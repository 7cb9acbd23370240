// Rounds that alternate between the sides of a comparison, and what is said of their figures. The machine's load is the
// same for both sides of a round, so a ratio is taken per round and only then a median.
import { readFileSync } from "node:fs";
import { loadavg } from "node:os";

export type Spread = { median: number; low: number; high: number; p95: number; count: number };
export type Side = () => Promise<number>;

function quantile(sorted: number[], part: number): number {
  const at = (sorted.length - 1) * part;
  const below = sorted[Math.floor(at)] ?? Number.NaN;
  const above = sorted[Math.ceil(at)] ?? Number.NaN;
  return below + (above - below) * (at - Math.floor(at));
}

/** Median, extremes and 95th percentile. NaN everywhere when there are no values. */
export function spreadOf(values: number[]): Spread {
  const sorted = values.toSorted((one, other) => one - other);
  const at = (part: number) => quantile(sorted, part);
  return { median: at(0.5), low: at(0), high: at(1), p95: at(0.95), count: values.length };
}

export const median = (values: number[]): number => spreadOf(values).median;

/** Ours to theirs, round by round. */
export const ratios = (ours: number[], theirs: number[]): number[] =>
  ours.map((value, round) => value / (theirs[round] ?? Number.NaN));

/** Milliseconds that `work` takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

/** What was written down beside each round, without that of the warm-up. */
export const withoutWarmUp = (values: number[]): number[] => values.slice(1);

/** One warm-up of every side, then `count` rounds; every other round goes through the sides backwards. */
export async function interleaved<Name extends string>(
  count: number,
  sides: Record<Name, Side>,
): Promise<Record<Name, number[]>> {
  // Object.keys() of a record has the record's own keys.
  const names = Object.keys(sides) as Name[];
  const values = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let round = 0; round <= count; round += 1) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const value = await sides[name]();
      if (process.env.BENCH_SHOWS_ROUNDS) console.log(`    round ${round} ${name} ${value}`);
      if (round > 0) values[name].push(value);
    }
  }
  return values;
}

/** Milliseconds of processor time that a process has used: hundredths of a second in proc(5). */
export function processorMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Processes that wanted a core during the last minute, for as many cores as the machine has. */
export const load = (): number => loadavg()[0] ?? 0;
