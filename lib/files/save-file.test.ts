import { spawnSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { testFolder } from "@/dev/test-folder";
import { SAVE } from "@/lib/files/save-file";
import { exits, scriptArgv } from "@/lib/files/script";

let top = "";
const at = (name: string) => join(top, name);

beforeEach(() => {
  top = realpathSync(testFolder("save"));
});
afterEach(() => void vi.unstubAllEnvs());

/** Saves "new" as `name`, over the state `tag`; the exit code. */
function save(name: string, tag: string): number | null {
  const argv = scriptArgv(SAVE, [top], [top, name, tag, "0123", 3, "no"]);
  const { status } = spawnSync("/bin/sh", ["-c", 'umask 027; exec "$@"', "sh", ...argv], { input: "new" });
  expect(readdirSync(top).filter((one) => one.startsWith(".berth"))).toEqual([]);
  return status;
}

const tagOf = (name: string): string =>
  spawnSync("stat", ["-c", "%i-%s-%.9Y", at(name)])
    .stdout.toString()
    .trim();

const modeOf = (name: string): string => (statSync(at(name)).mode & 0o7777).toString(8);

it("a new file has the rights that the umask gives, one that is saved over those that it had", () => {
  expect(save("a", "new")).toBe(0);
  expect([modeOf("a"), readFileSync(at("a"), "utf8")]).toEqual(["640", "new"]);
  writeFileSync(at("b"), "old");
  chmodSync(at("b"), 0o604);
  const tag = tagOf("b");
  expect(save("b", tag)).toBe(0);
  expect([modeOf("b"), readFileSync(at("b"), "utf8")]).toEqual(["604", "new"]);
  expect(save("b", tag)).toBe(27);
});

it("a file that is saved over is not open any more, for NFS would leave its name to nobody for a moment", () => {
  writeFileSync(at("a"), "old");
  mkdirSync(at("bin"));
  const mv = '#!/bin/sh\nfor at in /proc/self/fd/*; do [ ! "$at" -ef a ] || exit 1; done\nexec /usr/bin/mv "$@"\n';
  writeFileSync(at("bin/mv"), mv, { mode: 0o755 });
  vi.stubEnv("PATH", `${at("bin")}:${process.env.PATH}`);
  expect(save("a", tagOf("a"))).toBe(0);
  expect(readFileSync(at("a"), "utf8")).toBe("new");
});

it("in place of a link that leads nowhere nothing new is made, nor is it what can be replaced", () => {
  symlinkSync("gone", at("link"));
  expect(save("link", "1-2-3")).toBe(exits.gone);
  expect(save("link", "new")).toBe(exits.deadLink);
  expect(readdirSync(top)).toEqual(["link"]);
});

it("a name that the file system refuses is no conflict", () => {
  mkdirSync(at("bin"));
  for (const program of ["ln", "mv"])
    writeFileSync(at(`bin/${program}`), "#!/bin/sh\necho cannot: Invalid argument >&2\nexit 1\n", { mode: 0o755 });
  vi.stubEnv("PATH", `${at("bin")}:${process.env.PATH}`);
  expect(save("a", "new")).toBe(exits.failed);
  expect(readdirSync(top)).toEqual(["bin"]);
});
