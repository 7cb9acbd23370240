import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { missingPlatforms, readLock } from "@/dev/complete-lock";
import { belowFloors, floors, floorsAsMarkdown } from "./version-floors";

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

const secondWays = ["@trpc/server", "redux", "zustand", "express", "socket.io", "axios", "moment", "xstate", "bullmq"];

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

  it("are none of them below the table of version floors, not even inside another package", () => {
    expect(floors.filter(({ name }) => installed(name).length === 0)).toEqual([]);
    expect(belowFloors(lock.packages)).toEqual([]);
  });

  it("would be found below it", () => {
    const packages = {
      "": { version: "0.1.0" },
      "node_modules/next": { version: "16.3.7" },
      "node_modules/a/node_modules/ws": { version: "8.21.1-beta.1" },
      "node_modules/ssh2": { version: "1.18.0" },
      "node_modules/a/node_modules/http-proxy": { version: "1.18.1" },
      "node_modules/react": { version: "19.10.0" },
    };
    expect(belowFloors(packages).map((sentence) => sentence.split(" ")[0])).toEqual([
      "node_modules/next",
      "node_modules/a/node_modules/ws",
      "node_modules/ssh2",
      "node_modules/a/node_modules/http-proxy",
    ]);
  });

  it("are held to the floor of their own major, or to the highest where it has none", () => {
    const versions = ["3.3.7", "3.3.8", "4.0.2", "5.0.8", "5.0.9", "5.10.0", "6.0.0"];
    const packages = Object.fromEntries(versions.map((version) => [`${version}/node_modules/nanoid`, { version }]));
    const below = belowFloors(packages).map((sentence) => sentence.split("/")[0]);
    expect(below).toEqual(["3.3.7", "4.0.2", "5.0.8"]);
  });

  it("have their floors in docs/security.md as well", () => {
    expect(readFileSync("docs/security.md", "utf8")).toContain(floorsAsMarkdown());
  });

  it("have no second way of doing what is done already", () => {
    expect(secondWays.filter((name) => name in asked)).toEqual([]);
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
