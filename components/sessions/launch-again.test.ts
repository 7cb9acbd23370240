import { expect, it } from "vitest";
import { launchAgainHref, refusedConstraint } from "@/components/sessions/launch-again";
import type { SessionView } from "@/lib/sessions/schema";

const request = { template: "jupyter", cluster: "hpc", cpus: 1, memoryGiB: 2, minutes: 60, constraint: "sapphire" };
const ended = (endReason: SessionView["endReason"], endWords: string) => ({ endReason, endWords, request });
const asksFor = (session: Parameters<typeof launchAgainHref>[0]) =>
  new URL(launchAgainHref(session), "http://portal.test").searchParams;

it("asks for the same again without the constraint that the scheduler refused", () => {
  const refused = ended("rejected", "sbatch: error: Batch job submission failed: Invalid feature specification");
  expect(refusedConstraint(refused)).toBe("sapphire");
  expect(asksFor(refused).get("constraint")).toBeNull();
  expect(asksFor(refused).get("memoryGiB")).toBe("2");
});

it.each([
  ["finished", ""],
  ["rejected", "Invalid account or account/partition combination specified"],
  ["out-of-memory", ""],
] as const)("keeps a constraint that was not the reason: %s", (endReason, endWords) => {
  const session = ended(endReason, endWords);
  expect(refusedConstraint(session)).toBeNull();
  expect(asksFor(session).get("constraint")).toBe("sapphire");
});

it("asks for more memory after out of memory", () => {
  expect(Number(asksFor(ended("out-of-memory", "")).get("memoryGiB"))).toBeGreaterThan(2);
});
