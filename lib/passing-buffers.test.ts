import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { expect, it } from "vitest";

/** A heap of some size, four gigabytes of buffers that nobody keeps, and how often the whole heap was looked through. */
const program = (before: string) => `
import { constants, PerformanceObserver } from "node:perf_hooks";
import { setImmediate as turn } from "node:timers/promises";
import { countBuffersWithHeap } from ${JSON.stringify(resolve("lib/passing-buffers.ts"))};
${before}
const heap = Array.from({ length: 3e5 }, (_none, index) => ({ index, more: [index] }));
let whole = 0;
const observer = new PerformanceObserver((list) => {
  whole += list.getEntries().filter(({ detail }) => detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR).length;
});
observer.observe({ entryTypes: ["gc"] });
for (let round = 0; round < 40; round += 1) {
  for (let made = 0; made < 1600; made += 1) Buffer.allocUnsafeSlow(65_536)[0] = 1;
  await turn();
}
await turn();
console.log(JSON.stringify({ whole, heap: heap.length }));
`;

function wholeCollections(before: string): number {
  const argv = ["--import", "tsx", "--input-type=module", "-e", program(before)];
  return JSON.parse(execFileSync(process.execPath, argv, { encoding: "utf8" })).whole;
}

it("buffers that pass do not have the whole heap looked through again and again", () => {
  expect(wholeCollections("")).toBeGreaterThan(20);
  expect(wholeCollections("countBuffersWithHeap();")).toBeLessThan(10);
});
