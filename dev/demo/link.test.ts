import { mkdirSync, mkdtempSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { lockDirectory } from "@/lib/db/directory-lock";
import { besideOthers, linkData } from "./link";

let place = "";
const releases: (() => void)[] = [];
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), "berth-link-"));
});
afterAll(() => {
  for (const release of releases) release();
  rmSync(place, { recursive: true });
});

const demo = (port: number, data = join(place, ".data")) => {
  const dataDir = join(place, `of-${port}`);
  mkdirSync(dataDir, { recursive: true });
  return { port, data, dataDir };
};

it("a demo beside a running one takes a link of its own, and the other's stays", () => {
  const usual = join(place, ".data");
  const first = demo(3000);
  linkData(first);
  // Nobody runs there: the usual link may be had.
  expect(besideOthers(demo(3010), usual)).toEqual(demo(3010));
  releases.push(lockDirectory(first.dataDir, "http://localhost:3000"));
  const second = besideOthers(demo(3010), usual);
  linkData(second);
  expect(readlinkSync(usual)).toBe(first.dataDir);
  expect(readlinkSync(`${usual}-3010`)).toBe(second.dataDir);
  expect(besideOthers(first, usual)).toBe(first);
});

it("a place asked for by name that leads to a running demo is refused, naming it", () => {
  const named = join(place, "mine");
  const first = demo(3020, named);
  linkData(first);
  releases.push(lockDirectory(first.dataDir, "http://localhost:3020"));
  expect(() => besideOthers(demo(3030, named))).toThrow(
    `${named} leads to the portal on http://localhost:3020, process ${process.pid}: choose another --data.`,
  );
});

it("what is no link is left alone", () => {
  const file = join(place, "file");
  writeFileSync(file, "mine");
  expect(() => linkData(demo(3040, file))).toThrow("is in the way");
});
