import { expect, it } from "vitest";
import { PortalError } from "@/lib/errors";
import { outageMs, outlast } from "@/lib/last-known";

const away = () => Promise.reject(new PortalError("unavailable", "away"));
const never = () => new Promise<string>(() => {});
const last = (ageMs: number) => ({ value: "known", atMs: performance.now() - ageMs });

it("is what is answered, as long as there is an answer", async () => {
  expect(await outlast(Promise.resolve("new"), last(0))).toBe("new");
});

it("is what was known when the database is away, and not after two minutes", async () => {
  expect(await outlast(away(), last(outageMs - 1000))).toBe("known");
  await expect(outlast(away(), last(outageMs + 1000))).rejects.toMatchObject({ code: "unavailable" });
  await expect(outlast(away(), null)).rejects.toMatchObject({ code: "unavailable" });
});

it("is what was known when the database is silent", async () => {
  expect(await outlast(never(), last(0))).toBe("known");
});

it("hides no other fault", async () => {
  await expect(outlast(Promise.reject(new Error("a mistake")), last(0))).rejects.toThrow("a mistake");
});
