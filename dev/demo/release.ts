// Builds when sources changed, and as root copies what runs to a directory that the account `berth` can read.
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runProgram } from "./programs";

const sources = [
  "app",
  "components",
  "lib",
  "cluster/idp",
  "prisma/schema",
  "prisma/migrations",
  "prisma/seed.ts",
  "public",
  "server.ts",
  "next.config.mjs",
  "postcss.config.mjs",
  "package-lock.json",
  "tsconfig.json",
  "dev/build.ts",
];
/** What a running portal reads. */
const parts = [
  ".next",
  "dist",
  "public",
  "templates",
  "prisma",
  "cluster/idp",
  "lib",
  "dev",
  "package.json",
  "tsconfig.json",
  "next.config.mjs",
  "server.ts",
];

function* filesOf(path: string): Generator<string> {
  if (!existsSync(path)) return;
  if (!statSync(path).isDirectory()) return yield path;
  for (const name of readdirSync(path).toSorted()) yield* filesOf(join(path, name));
}

/** Changes when any source file does: path, size and time of change of each. */
function fingerprint(paths: string[]): string {
  const sum = createHash("sha256");
  for (const file of paths.flatMap((path) => [...filesOf(path)])) {
    const { size, mtimeMs } = statSync(file);
    sum.update(`${file} ${size} ${mtimeMs}\n`);
  }
  return sum.digest("hex");
}

const stamped = (file: string, value: string): boolean => existsSync(file) && readFileSync(file, "utf8") === value;

let building: Promise<void> | null = null;

/** Runs the production build unless it is that of these sources. Sites that start side by side share one. */
export function buildIfNeeded(): Promise<void> {
  building ??= build().finally(() => {
    building = null;
  });
  return building;
}

async function build(): Promise<void> {
  const wanted = fingerprint(sources);
  if (stamped("dist/.built-from", wanted)) return;
  await runProgram("node_modules/.bin/tsx", ["dev/build.ts"]);
  // Next may rewrite tsconfig.json while it builds.
  writeFileSync("dist/.built-from", fingerprint(sources));
}

/** Copies the build to `releaseDir`, packages as hard links where the file system allows. Owned by root, readable by all. */
export async function copyRelease(releaseDir: string): Promise<void> {
  const wanted = fingerprint([...parts.filter((part) => part !== ".next"), "package-lock.json"]);
  const stamp = join(releaseDir, ".copied-from");
  if (stamped(stamp, wanted)) return;
  rmSync(releaseDir, { recursive: true, force: true });
  mkdirSync(join(releaseDir, "cluster"), { recursive: true });
  for (const part of parts) cpSync(part, join(releaseDir, part), { recursive: true, preserveTimestamps: true });
  try {
    await runProgram("cp", ["-al", "node_modules", releaseDir]);
  } catch {
    // Another file system: links cannot cross it.
    rmSync(join(releaseDir, "node_modules"), { recursive: true, force: true });
    await runProgram("cp", ["-a", "node_modules", releaseDir]);
  }
  await runProgram("chmod", ["-R", "a+rX", releaseDir]);
  writeFileSync(stamp, wanted);
}
