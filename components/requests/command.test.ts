import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { commandLine, commandLines } from "@/components/requests/command";

const argv = [
  "sbatch",
  "--parsable",
  "--job-name=berth-<id>",
  '--comment=it\'s $HOME; `x` "y"',
  "--time=240",
  "job.sh",
];

/** What a real shell makes of it. */
const parsed = (line: string) =>
  execFileSync("/bin/sh", ["-c", `printf '%s\\0' ${line}`], { encoding: "utf8" })
    .split("\0")
    .slice(0, -1);

describe("the command shown to people", () => {
  it("means to a shell the very words that would run", () => {
    expect(parsed(commandLine(argv))).toEqual(argv);
  });

  it("means the same when broken into lines", () => {
    expect(parsed(commandLines(argv, 20).join("\n"))).toEqual(argv);
  });

  it("fills lines up to the width and no further", () => {
    const lines = commandLines(["a", "bbbb", "cccc", "dddd"], 8);
    expect(lines).toEqual(["a bbbb \\", "  cccc \\", "  dddd"]);
  });
});
