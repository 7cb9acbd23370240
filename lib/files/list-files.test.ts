import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { LIST } from "@/lib/files/list-files";
import { scriptArgv } from "@/lib/files/script";

let top = "";

beforeAll(() => {
  top = mkdtempSync(join(tmpdir(), "berth-list-"));
  for (const name of ["home/folder", "bin"]) mkdirSync(join(top, name), { recursive: true });
  symlinkSync("folder", join(top, "home/link"));
  const timeout = execFileSync("/bin/sh", ["-c", "command -v timeout"]).toString().trim();
  // In place of timeout(1): what the links lead to does not answer in time.
  writeFileSync(join(top, "bin/timeout"), `#!/bin/sh\ncase "$*" in *%Y*) exit 124 ;; esac\nexec ${timeout} "$@"\n`);
  chmodSync(join(top, "bin/timeout"), 0o755);
});
afterAll(() => rmSync(top, { recursive: true, force: true }));

/** Kind and name of each entry, and what was said beside them. */
function listed(path: string | undefined) {
  const [command = "", ...args] = scriptArgv(LIST, ["~"], ["~"]);
  const { stdout, stderr } = spawnSync(command, args, { env: { ...process.env, HOME: join(top, "home"), PATH: path } });
  const fields = stdout.toString().split("\0").slice(6, -1);
  const entries = fields.flatMap((kind, at) => (at % 8 === 0 ? [`${kind} ${fields[at + 6]}`] : []));
  return { entries: entries.toSorted(), words: stderr.toString().trim() };
}

it("a link is listed with what it leads to", () => {
  expect(listed(process.env.PATH)).toEqual({ entries: ["dd folder", "ld link"], words: "" });
});

it("a folder with a link that does not answer is listed, without what its links lead to, and that is said", () => {
  expect(listed(`${join(top, "bin")}:${process.env.PATH}`)).toEqual({
    entries: ["dU folder", "lU link"],
    words: "What links in here lead to did not answer in time.",
  });
});
