import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { scriptArgv } from "@/lib/files/script";

let top = "";
const log = () => join(top, "asked");
const at = (name: string) => join(top, name);

beforeAll(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), "berth-script-")));
  for (const name of ["home/.ssh", "home/in", "dead/in", "other/in", "bin"]) mkdirSync(at(name), { recursive: true });
  // In place of timeout(1), for a root that hangs: it says what it was asked for, and that "dead" did not answer in time.
  const script = `#!/bin/sh
for last; do :; done
echo "\${last##*/}" >>"${log()}"
case $last in */dead) exit 124 ;; esac
exec ${execFileSync("/bin/sh", ["-c", "command -v timeout"]).toString().trim()} "$@"
`;
  writeFileSync(at("bin/timeout"), script);
  chmodSync(at("bin/timeout"), 0o755);
});
afterAll(() => rmSync(top, { recursive: true, force: true }));

/** Enters `folder`; the root that it is in, or the exit code. And the roots that were looked at with a time limit. */
function entered(folder: string, roots = ["~", at("dead"), at("other")]) {
  rmSync(log(), { force: true });
  const [command = "", ...args] = scriptArgv('enter "$1"; printf %s "$ROOT"', roots, [folder]);
  const env = { ...process.env, HOME: at("home"), PATH: `${at("bin")}:${process.env.PATH}` };
  const { status, stdout } = spawnSync(command, args, { env });
  const asked = existsSync(log()) ? readFileSync(log(), "utf8").trim().split("\n") : [];
  return { root: status === 0 ? stdout.toString() : status, asked };
}

it("a place in a root is found without a look at the roots after it", () => {
  expect(entered("~/in")).toEqual({ root: at("home"), asked: [] });
  expect(entered(at("other/in"), [at("other"), at("dead"), "~"])).toEqual({ root: at("other"), asked: ["other"] });
});

it("a root that does not answer in time has nothing in it, and those after it go on", () => {
  expect(entered(at("other/in"))).toEqual({ root: at("other"), asked: ["dead", "other"] });
  expect(entered(at("dead/in"))).toEqual({ root: 37, asked: ["dead", "other"] });
});

it("the root that is the top of everything holds all", () => {
  expect(entered(at("other/in"), ["/"]).root).toBe("");
  expect(entered("/", ["/"]).root).toBe("");
  expect(entered(top, ["~", at("missing")]).root).toBe(21);
});
