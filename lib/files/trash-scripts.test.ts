import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, it } from "vitest";
import { testFolder } from "@/dev/test-folder";
import { scriptArgv } from "@/lib/files/script";
import { TRASH } from "@/lib/files/trash-scripts";

let top = "";
const at = (name: string) => join(top, name);

beforeEach(() => {
  top = realpathSync(testFolder("actions"));
  for (const name of ["home", "work", "elsewhere"]) mkdirSync(at(name));
});

/** Records of the script, with `before` to come before it. */
function trash(names: string[], before: string[] = []): string[][] {
  const argv = [...before, ...scriptArgv(TRASH, [top], ["0123"])];
  const input = names.map((name) => `${at("work")} ${name}\n`).join("");
  const { stdout, stderr } = spawnSync(argv[0] ?? "", argv.slice(1), {
    input,
    env: { ...process.env, HOME: at("home") },
  });
  expect(stderr.toString()).toBe("");
  const fields = stdout.toString().split("\0").slice(0, -1);
  return Array.from({ length: fields.length / 4 }, (_, index) => fields.slice(index * 4, index * 4 + 4));
}

it("what goes to the trash is told where it is there", () => {
  for (const name of ["a", "b"]) writeFileSync(at(`work/${name}`), name);
  const records = trash(["a", "b"]);
  expect(records.map(([kind, index]) => `${kind}${index}`)).toEqual(["o0", "r0", "o1", "r1"]);
  for (const [kind, , place = ""] of records) if (kind === "o") expect(existsSync(place)).toBe(true);
  expect(existsSync(at("work/a"))).toBe(false);
});

// Where nobody may mount anything, not even in a namespace of their own, there is no second mount either.
const mounting = ["unshare", "--map-root-user", "--mount"];
const canMount = spawnSync("unshare", [...mounting.slice(1), "true"]).status === 0;

it.runIf(canMount)("what is on another mount of the same device is not copied into the trash, and that is said", () => {
  writeFileSync(at("elsewhere/a"), "a");
  const mounted = [...mounting, "/bin/sh", "-c", 'mount --bind "$1" "$2" && shift 2 && exec "$@"', "sh"];
  const records = trash(["a"], [...mounted, at("elsewhere"), at("work")]);
  expect(records.map(([kind, , code]) => [kind, code])).toEqual([["r", "30"]]);
  expect(existsSync(at("elsewhere/a"))).toBe(true);
});
