// Where a slider stops: 1, 2, 3, 4, 6, 8, 12, 16 and so on, so that small and large amounts are equally easy to hit.

const steps = [1, 1.5];

/** Ascending, from `min` to `max`, both included. Whole numbers from 1 up. */
export function stops(min: number, max: number): number[] {
  const found = new Set([min]);
  for (let power = 0.25; power <= max; power *= 2) {
    for (const step of steps) {
      const value = power * step;
      if (value > min && value < max && (Number.isInteger(value) || value === 0.5)) found.add(value);
    }
  }
  if (max > min) found.add(max);
  return [...found].sort((a, b) => a - b);
}

/** Index of the stop that is nearest to `value`; for NaN the first. */
export function nearestStop(all: number[], value: number): number {
  const distances = all.map((stop) => Math.abs(stop - value));
  return Math.max(0, distances.indexOf(Math.min(...distances)));
}
