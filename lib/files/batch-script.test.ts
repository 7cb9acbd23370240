import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, it } from "vitest";
import { testFolder } from "@/dev/test-folder";
import { BATCH } from "@/lib/files/batch-script";
import { scriptArgv } from "@/lib/files/script";
import { tarEnd, tarHeader, tarPadding } from "@/lib/files/tar/rules";

let top = "";
beforeEach(() => {
  top = realpathSync(testFolder("batch"));
});

/** Sends files of these names, each of which holds "same"; what was left, and why. */
function send(names: string[]): string[] {
  const parts = [...names.map((name) => `in/${name}`), "end"].flatMap((name) => {
    const bytes = Buffer.from("same");
    return [
      tarHeader({ name: Buffer.from(name), kind: "file", size: bytes.length, mode: 0o644 }),
      bytes,
      tarPadding(4),
    ];
  });
  const [command = "", ...args] = scriptArgv(BATCH, [top], [top, "0123", "no"]);
  const { status, stdout } = spawnSync(command, args, { input: Buffer.concat([...parts, tarEnd()]) });
  expect(status).toBe(0);
  const fields = stdout.toString().split("\0").slice(1, -1);
  return Array.from({ length: fields.length / 2 }, (_, at) => `${fields[at * 2]} ${fields[at * 2 + 1]}`).toSorted();
}

it("a batch that is sent again, because nobody heard that it was placed, leaves nothing", () => {
  mkdirSync(join(top, "d"));
  expect(send(["a", "d/b"])).toEqual([]);
  expect(send(["a", "d/b", "c"])).toEqual([]);
  expect(readdirSync(top).toSorted()).toEqual(["a", "c", "d"]);
});

it("another file of that name is left as it is, and so is a link to the very same", () => {
  writeFileSync(join(top, "a"), "mine");
  writeFileSync(join(top, "b"), "same");
  symlinkSync("b", join(top, "link"));
  expect(send(["a", "link"])).toEqual(["x ./a", "x ./link"]);
  expect(readFileSync(join(top, "a"), "utf8")).toBe("mine");
});
