import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, expect, it } from "vitest";
import { LIST, linesOf } from "@/lib/files/list-files";
import type { ListingLine } from "@/lib/files/schema";
import { scriptArgv } from "@/lib/files/script";

let top = "";

beforeAll(() => {
  top = mkdtempSync(join(tmpdir(), "berth-list-"));
  mkdirSync(join(top, "home/folder"), { recursive: true });
  symlinkSync("folder", join(top, "home/link"));
});
afterAll(() => rmSync(top, { recursive: true, force: true }));

/** Runs `script` in place of `program`, with the real one as `real`; gives the folder to put first in PATH. */
function standIn(program: string, script: string): string {
  const folder = mkdtempSync(join(top, "bin-"));
  const real = execFileSync("/bin/sh", ["-c", 'command -v "$1" || echo :', "sh", program]).toString().trim();
  writeFileSync(join(folder, program), `#!/bin/sh\nreal() { ${real} "$@"; }\n${script}\n`);
  chmodSync(join(folder, program), 0o755);
  return folder;
}

/** The lines of a listing of the home, up to what was thrown. */
async function linesWith(folder = "") {
  const [command = "", ...args] = scriptArgv(LIST, ["~"], ["~"]);
  const env = { ...process.env, HOME: join(top, "home"), PATH: `${folder}:${process.env.PATH}` };
  const program = spawn(command, args, { env, stdio: ["ignore", "pipe", "ignore"] });
  const exit = once(program, "close").then(([code]) => ({ code: Number(code), stderr: new Uint8Array() }));
  const lines: ListingLine[] = [];
  const kinds = () => lines.map(({ kind }) => kind);
  try {
    for await (const line of linesOf({ stdout: program.stdout, exit }, () => undefined)) lines.push(line);
  } catch (error) {
    return { lines, kinds: kinds(), error };
  }
  return { lines, kinds: kinds(), error: null };
}

/** What each entry is and leads to, and what was said beside them. */
function listed(lines: ListingLine[]) {
  const entries = lines.flatMap((line) => (line.kind === "entries" ? line.entries : []));
  const end = lines.find(({ kind }) => kind === "end");
  return {
    entries: entries.map(({ type, name, target }) => `${type} ${name} ${target?.type ?? ""}`.trim()).toSorted(),
    ...{ count: end?.kind === "end" && end.count, words: end?.kind === "end" && end.words },
  };
}

it("a link is listed with what it leads to, before it is asked how much room there is", async () => {
  const { lines, kinds } = await linesWith();
  expect(listed(lines)).toEqual({ entries: ["folder folder", "link link folder"], count: 2, words: null });
  expect(kinds).toEqual(["folder", "entries", "end", "space"]);
  expect(lines.at(-1)).toMatchObject({ fileSystem: { usedBytes: expect.any(Number) } });
});

it("a folder with a link that does not answer is listed, without what its links lead to, and that is said", async () => {
  // In place of timeout(1): what the links lead to does not answer in time.
  const { lines } = await linesWith(standIn("timeout", 'case "$*" in *%Y*) exit 124 ;; esac; real "$@"'));
  expect(listed(lines)).toEqual({
    entries: ["folder folder", "link link unknown"],
    count: 2,
    words: "What links in here lead to did not answer in time.",
  });
});

it("what find(1) could not look at is said, and all else is listed", async () => {
  const { lines, error } = await linesWith(
    standIn("find", 'real "$@"; echo "find: ./x: Permission denied" >&2; exit 1'),
  );
  expect(error).toBeNull();
  expect(listed(lines)).toMatchObject({ count: 2, words: "find: ./x: Permission denied" });
});

it("a listing whose find(1) was killed on the way is none", async () => {
  const { kinds, error } = await linesWith(standIn("find", 'real "$@"; kill -KILL $$'));
  expect(kinds).not.toContain("end");
  expect(error).toMatchObject({ code: "cluster" });
});

it("a listing whose shell was killed on the way is none", async () => {
  const stdout = Readable.from([Buffer.from(["/home", "/home", "yes", "755 a/b", "ff", ""].join("\0"))]);
  const lines = linesOf({ stdout, exit: Promise.resolve({ code: 137, stderr: new Uint8Array() }) }, () => undefined);
  expect((await lines.next()).value).toMatchObject({ kind: "folder", path: "/home", owner: "a" });
  await expect(lines.next()).rejects.toMatchObject({ code: "cluster" });
});
