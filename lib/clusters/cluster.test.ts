import { globSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

it("is asked in the person's name wherever a person acts", () => {
  const nameless = globSync("{lib,app}/**/*.ts")
    .filter((file) => !file.endsWith(".test.ts"))
    .filter((file) => {
      const text = readFileSync(file, "utf8");
      return text.includes("PersonActor") && /(?<!function )\bcluster\([^(),]+\)/.test(text);
    });
  expect(nameless).toEqual([]);
});
