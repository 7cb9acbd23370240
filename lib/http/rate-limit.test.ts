import { beforeEach, describe, expect, it } from "vitest";
import { forgetOnce } from "@/dev/forget-once";
import { limitFailures } from "@/lib/http/rate-limit";

beforeEach(() => forgetOnce("rate:guess"));

const atOnce = async (count: number, attempt: () => Promise<string | null>) => {
  let attempts = 0;
  const counted = () => {
    attempts += 1;
    return attempt();
  };
  const limited = () => limitFailures("guess", { caller: "a", perMinute: 5 }, counted);
  const outcomes = await Promise.allSettled(Array.from({ length: count }, limited));
  return { attempts, refused: outcomes.filter(({ status }) => status === "rejected").length };
};
const nothing = async () => null;
const something = async () => "found";

describe("what finds nothing", () => {
  it("is attempted so many times in a minute, also when all come at once", async () => {
    expect(await atOnce(20, nothing)).toEqual({ attempts: 5, refused: 15 });
    expect(await atOnce(1, something)).toEqual({ attempts: 0, refused: 1 });
  });

  it("alone counts: not what finds something, and not what could not be attempted", async () => {
    for (let round = 0; round < 10; round += 1) {
      expect(await atOnce(1, something)).toEqual({ attempts: 1, refused: 0 });
      expect(await atOnce(1, () => Promise.reject(new Error("away")))).toEqual({ attempts: 1, refused: 1 });
    }
    // Those that are too many at once are turned away, and cost nothing later.
    expect((await atOnce(20, something)).attempts).toBe(5);
    expect(await atOnce(5, something)).toEqual({ attempts: 5, refused: 0 });
    expect(await atOnce(5, nothing)).toEqual({ attempts: 5, refused: 0 });
    expect(await atOnce(1, nothing)).toEqual({ attempts: 0, refused: 1 });
  });
});
