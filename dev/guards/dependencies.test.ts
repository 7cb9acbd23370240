import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { missingPlatforms, readLock } from "@/dev/complete-lock";

const versions = z.record(z.string(), z.string()).default({});
const manifest = z
  .object({
    dependencies: versions,
    devDependencies: versions,
    overrides: versions,
    allowScripts: z.record(z.string(), z.boolean()),
  })
  .parse(JSON.parse(readFileSync("package.json", "utf8")));
const lock = readLock();
const asked = { ...manifest.dependencies, ...manifest.devDependencies };

const nameOf = (path: string) => path.split("node_modules/").at(-1) ?? path;

/** Every installed version of a package, wherever in the tree. */
const installed = (name: string) =>
  Object.entries(lock.packages).flatMap(([path, { version }]) => (nameOf(path) === name && version ? [version] : []));

function isAtLeast(version: string, floor: string): boolean {
  return version.localeCompare(floor, "en", { numeric: true }) >= 0;
}

// Known holes below these: request smuggling and cache poisoning, sign-in confusion, a crash by many headers.
const floors = { next: "16.3.8", "next-auth": "4.24.15", ws: "8.21.1" };
const never = [
  "http-proxy",
  "@trpc/server",
  "redux",
  "zustand",
  "express",
  "socket.io",
  "axios",
  "moment",
  "xstate",
  "bullmq",
];

describe("dependencies", () => {
  it("are asked for by one exact version each", () => {
    const loose = Object.entries({ ...asked, ...manifest.overrides }).filter(
      ([, version]) => !/^\d+\.\d+\.\d+(-\S+)?$/.test(version),
    );
    expect(loose).toEqual([]);
  });

  it("are the ones in the lock", () => {
    const other = Object.entries(asked).filter(
      ([name, version]) => lock.packages[`node_modules/${name}`]?.version !== version,
    );
    expect(other).toEqual([]);
  });

  for (const [name, floor] of Object.entries(floors)) {
    it(`have no ${name} below ${floor}, not even inside another package`, () => {
      expect(installed(name)).not.toEqual([]);
      expect(installed(name).filter((version) => !isAtLeast(version, floor))).toEqual([]);
    });
  }

  it("compare versions by number", () => {
    expect(isAtLeast("16.10.0", "16.3.8")).toBe(true);
    expect(isAtLeast("16.3.7", "16.3.8")).toBe(false);
    expect(isAtLeast("8.9.9", "8.21.1")).toBe(false);
  });

  it("have no second way of doing what is done already", () => {
    expect(never.filter((name) => name in asked)).toEqual([]);
    expect(installed("http-proxy")).toEqual([]);
  });

  it("run an install script only where package.json says so, one way or the other", () => {
    const scripted = Object.entries(lock.packages).filter(
      ([, entry]) => entry.hasInstallScript === true && entry.optional !== true,
    );
    const undecided = scripted.map(([path]) => nameOf(path)).filter((name) => !(name in manifest.allowScripts));
    expect(undecided).toEqual([]);
  });

  it("name every platform in the lock, which npm ci asks for; `tsx dev/complete-lock.ts` adds what is missing", () => {
    expect(missingPlatforms(lock).map(([path]) => path)).toEqual([]);
  });

  it("come from wherever npm is told, not from one host", () => {
    const hosts = Object.values(lock.packages).filter(
      ({ resolved }) => typeof resolved === "string" && resolved.startsWith("http"),
    );
    expect(hosts).toEqual([]);
  });
});
