import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { samples } from "./wrong-files";

const report = z.object({
  diagnostics: z.array(
    z.object({ category: z.string(), severity: z.string(), location: z.object({ path: z.string() }).nullish() }),
  ),
});

/** Runs Biome with the project's own configuration. Returns the rules broken, by file. */
async function lint(directory: string): Promise<Map<string, Set<string>>> {
  const biome = resolve("node_modules/.bin/biome");
  const options = ["lint", "--vcs-enabled=false", "--max-diagnostics=none", "--reporter=json", "."];
  const output = await new Promise<string>((done) => {
    execFile(biome, options, { cwd: directory, maxBuffer: 64e6 }, (_error, stdout) => done(stdout));
  });
  const broken = new Map<string, Set<string>>();
  for (const { category, severity, location } of report.parse(JSON.parse(output)).diagnostics) {
    if (severity !== "error" || !location) continue;
    const file = relative(directory, resolve(directory, location.path));
    broken.set(file, (broken.get(file) ?? new Set()).add(category));
  }
  return broken;
}

describe("the rules of the house", () => {
  const directory = mkdtempSync(join(tmpdir(), "berth-guards-"));
  let broken = new Map<string, Set<string>>();

  beforeAll(async () => {
    for (const file of ["biome.json", "package.json", "tsconfig.json"]) cpSync(file, join(directory, file));
    for (const { file, text } of samples) {
      mkdirSync(dirname(join(directory, file)), { recursive: true });
      writeFileSync(join(directory, file), text);
    }
    broken = await lint(directory);
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  for (const { file, rule } of samples.filter((sample) => sample.rule)) {
    it(`refuse ${file} by ${rule}`, () => expect([...(broken.get(file) ?? [])]).toContain(rule));
  }

  for (const { file } of samples.filter((sample) => !sample.rule)) {
    it(`allow ${file}`, () => expect([...(broken.get(file) ?? [])]).toEqual([]));
  }
});
