// For tests of the scripts of file actions: one run of a script on this machine, as the portal would have it on a login node.
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { scriptArgv } from "@/lib/files/script";

type Run = {
  script: string;
  args: (string | number)[];
  /** The one root, and the folder in which programs that stand for others are. */
  top: string;
  items: [string, string][];
  home?: string;
  /** What comes before the script's own argv. */
  before?: string[];
};

/** The records that an action prints. */
export function recordsOf({ script, args, top, items, home = top, before = [] }: Run): string[][] {
  const argv = [...before, ...scriptArgv(script, [top], args)];
  const { stdout, stderr } = spawnSync(argv[0] ?? "", argv.slice(1), {
    input: items.map((words) => `${words.join(" ")}\n`).join(""),
    env: { ...process.env, HOME: home, PATH: `${join(top, "bin")}:${process.env.PATH}` },
  });
  expect(stderr.toString()).toBe("");
  const fields = stdout.toString().split("\0").slice(0, -1);
  return Array.from({ length: fields.length / 4 }, (_, index) => fields.slice(index * 4, index * 4 + 4));
}

/** A program that stands for another one; `real` in it is that one. */
export function standIn(top: string, program: string, script: string): void {
  mkdirSync(join(top, "bin"), { recursive: true });
  const lines = ["#!/bin/sh", `real() { exec /usr/bin/${program} "$@"; }`, script, ""];
  writeFileSync(join(top, "bin", program), lines.join("\n"), { mode: 0o755 });
}

const namespace = ["unshare", "--map-root-user", "--mount"];

/** Where nobody may mount anything, not even in a namespace of their own, there are no mounts to test with. */
export const canMount = spawnSync(namespace[0] ?? "", [...namespace.slice(1), "true"]).status === 0;

/** To come before an argv, which then runs with what `script` mounts; $1 and so on in it are `args`. */
export const withMounts = (script: string, args: string[]): string[] => [
  ...namespace,
  ...["/bin/sh", "-c", `set -e; ${script}; shift ${args.length}; exec "$@"`, "sh", ...args],
];
