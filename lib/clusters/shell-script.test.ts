import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { checkArgv, programScript } from "./shell-script";

const controls = Array.from({ length: 31 }, (_, index) => String.fromCharCode(index + 1)).join("");
const high = Array.from({ length: 0x180 }, (_, index) => String.fromCharCode(index + 0x7f)).join("");

const NASTY = [
  "",
  " ",
  "'",
  "'\\''",
  '"',
  "\\",
  "\\n\\0101",
  "%s%d%%",
  "$(touch /tmp/pwned)",
  "`id`",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: meant literally
  "${IFS}",
  "!history !!",
  "*",
  "~root",
  "--",
  "-n",
  "a=b",
  "a\nb",
  "\n",
  "two newlines\n\n",
  "é at the end\n\n\n",
  "\n\u0001\n",
  "}\nexit 9\n{",
  "\r\n",
  controls,
  high,
  "\u2028\u2029",
  "日本語 🧪",
  "\u001b]52;c;aGk=\u0007",
  "\\c stops printf %b",
  "x".repeat(100_000),
];

const SHELLS: [string, string[]][] = [
  ["/bin/sh", ["-s"]],
  ["/bin/dash", ["-s"]],
  ["/bin/bash", ["-s"]],
  ["/bin/bash", ["--posix", "-s"]],
];

type Given = { argv: string[]; input?: string; environment?: Record<string, string> };

/** What the program's stdout and exit code were, read by the marks alone. */
function runIn([shell, options]: [string, string[]], { argv, input = "", environment = {} }: Given) {
  const script = programScript(argv, false);
  const printed = execFileSync(shell, options, {
    input: script.text + input,
    maxBuffer: 1e8,
    stdio: ["pipe", "pipe", "ignore"],
    env: { PATH: process.env.PATH, ...environment } as never,
  });
  const begin = printed.indexOf(script.stdout.begin);
  const end = printed.indexOf(script.stdout.end);
  const out = printed.subarray(begin + script.stdout.begin.length, end);
  return { out, code: printed.toString("utf8", end + script.stdout.end.length).trim() };
}

describe.each(SHELLS)("read by %s %j", (shell, options) => {
  it.each([{}, { LC_ALL: "C.UTF-8" }] as Record<string, string>[])(
    "every argument arrives byte for byte (%j)",
    (environment) => {
      const { out, code } = runIn([shell, options], { argv: ["printf", "%s\\0", ...NASTY], environment });
      expect(out.toString("utf8").split("\0").slice(0, -1)).toEqual(NASTY);
      expect(code).toBe("0");
    },
  );

  it("the exit code of the program comes back, and what follows the script is not read as commands", () => {
    const { out, code } = runIn([shell, options], {
      argv: ["/bin/sh", "-c", "exit 41"],
      input: "echo not a command\n",
    });
    expect({ out: out.toString(), code }).toEqual({ out: "", code: "41" });
  });

  it("a word of the shell is not taken for a program", () => {
    for (const word of ["exit", "eval", "if", "cd"])
      expect(runIn([shell, options], { argv: [word, "3"] }).code).toBe("127");
  });
});

describe("what cannot be run", () => {
  it.each([[[]], [[""]], [["-c"]], [["--", "id"]]])("%j is refused", (argv) => {
    expect(() => checkArgv(argv)).toThrow("no program");
  });

  it("a NUL byte or more than a megabyte is refused", () => {
    expect(() => checkArgv(["echo", "a\0b"])).toThrow("NUL");
    expect(() => checkArgv(["echo", "é".repeat(600_000)])).toThrow("longer");
  });
});
