// Waiting for conditions. Errors on the way count as "not yet": what is asked may be down just then, on purpose.
import { setTimeout as pause } from "node:timers/promises";

/** Resolves with the first truthy answer of `look`; throws what was waited for, and the last error, after `seconds`. */
export async function until<T>(what: string, seconds: number, look: () => T | Promise<T>): Promise<NonNullable<T>> {
  const deadline = performance.now() + seconds * 1000;
  let last: unknown = null;
  for (;;) {
    try {
      const found = await look();
      if (found) return found;
      last = null;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline) throw new Error(`Waited ${seconds} s in vain: ${what}`, { cause: last });
    await pause(250);
  }
}

/** The value below which 95 of 100 lie. */
export function p95(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.ceil(values.length * 0.95) - 1] ?? 0;
}
