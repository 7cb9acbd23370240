import { spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Run } from "@/lib/clusters/run";
import { DIRECTORY, type Staging, stageFiles } from "./stage";

let home: string;
let shellPrefix: string;

/** Runs on this machine as whoever runs the tests; `shellPrefix` prepares the shell (limits, a hostile environment). */
const run: Run = (argv, { stdin }) =>
  new Promise((resolve, reject) => {
    const child = spawn("/bin/sh", ["-c", `${shellPrefix} exec "$@"`, "sh", ...argv], {
      env: { ...process.env, HOME: home, SBATCH_ARRAY_INX: "1-9", SLURM_CONF: "/kept" },
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on("data", (chunk) => stdout.push(chunk));
    child.stderr.on("data", (chunk) => stderr.push(chunk));
    child.on("error", reject);
    child.on("close", (code) =>
      resolve({ code: code ?? -1, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr) }),
    );
    child.stdin.on("error", () => undefined);
    child.stdin.end(stdin as Uint8Array); // the staging always sends bytes, never a stream
  });

const base: Staging = {
  owner: "me",
  tag: "berth-a000000000000001",
  directory: "~/berth/a000000000000001",
  files: [{ name: "script.sh", content: Buffer.from("echo hello\n") }],
  environment: {},
  command: ["true"],
  timeoutSeconds: 20,
};
const stage = (change: Partial<Staging> = {}) => stageFiles(run, { ...base, ...change });
const mode = (path: string) => (statSync(path).mode & 0o7777).toString(8);
const staged = () => join(home, "berth/a000000000000001");

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "berth-stage-"));
  shellPrefix = "umask 000;";
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

describe("stageFiles", () => {
  it("has its words in English, which are told apart, whatever the person's language", async () => {
    shellPrefix = "LC_ALL=de_DE.UTF-8; export LC_ALL;";
    expect(await stage({ command: ["printenv", "LC_ALL"] })).toMatchObject({ stdout: "C\n" });
  });

  it("makes a private directory, private parents and private files under any umask", async () => {
    expect(await stage()).toMatchObject({ outcome: "ran", directory: staged(), code: 0 });
    expect([mode(join(home, "berth")), mode(staged())]).toEqual(["700", "700"]);
    for (const name of ["script.sh", "environment", "tag"]) expect(mode(join(staged(), name))).toBe("600");
    expect(readFileSync(join(staged(), "script.sh"), "utf8")).toBe("echo hello\n");
  });

  it("writes the environment byte for byte and adds the person's own umask and the absolute directory", async () => {
    shellPrefix = "umask 027;";
    const value = "a b'\"$(touch x)`id`\\\n\n#SBATCH --x\t\u00e9";
    await stage({ environment: { BERTH_VALUE: value, BERTH_EMPTY: "" } });
    const written = readFileSync(join(staged(), "environment"), "utf8").split("\0");
    const added = ["BERTH_UMASK=0027", `BERTH_JOB_DIR=${staged()}`, ""];
    expect(written).toEqual([`BERTH_VALUE=${value}`, "BERTH_EMPTY=", ...added]);
  });

  it("runs the command in the directory with its absolute path, without the caller's batch options", async () => {
    const script = 'printf "%s|" "$PWD" "$@"; env; exit 7';
    const command = ["sh", "-c", script, "sh", `--out=${DIRECTORY}/log`, "a b; $(id)", ""];
    const result = await stage({ command });
    if (result.outcome !== "ran") throw new Error(result.words);
    expect(result.code).toBe(7);
    expect(result.stdout.startsWith(`${staged()}|--out=${staged()}/log|a b; $(id)||`)).toBe(true);
    expect(result.stdout).not.toContain("SBATCH_ARRAY_INX");
    expect(result.stdout).toContain("SLURM_CONF=/kept");
  });

  it("stages again over its own unfinished attempt", async () => {
    await stage({ environment: { A: "1" } });
    expect(await stage({ environment: { A: "2" } })).toMatchObject({ outcome: "ran" });
    expect(readFileSync(join(staged(), "environment"), "utf8").startsWith("A=2\0")).toBe(true);
  });

  it("stages again where it was killed while it wrote the tag", async () => {
    mkdirSync(staged(), { recursive: true });
    writeFileSync(join(staged(), "tag"), "");
    expect(await stage()).toMatchObject({ outcome: "ran" });
    expect(readFileSync(join(staged(), "tag"), "utf8")).toBe(base.tag);
  });

  it("never stages over a job that has started", async () => {
    await stage();
    mkdirSync(join(staged(), "claim"));
    writeFileSync(join(staged(), "claim/17"), "");
    expect((await stage()).outcome).toBe("started");
    expect(existsSync(join(staged(), "claim/17"))).toBe(true);
  });

  it("refuses the directory of another job", async () => {
    await stage();
    expect(await stage({ tag: "berth-b000000000000001" })).toMatchObject({ outcome: "refused" });
  });

  it("refuses a directory that has something else in it", async () => {
    mkdirSync(staged(), { recursive: true });
    writeFileSync(join(staged(), "thesis.tex"), "");
    expect(await stage()).toMatchObject({ outcome: "refused", words: expect.stringContaining("not empty") });
  });

  it("refuses a symbolic link anywhere below the home", async () => {
    mkdirSync(join(home, "elsewhere"));
    symlinkSync(join(home, "elsewhere"), join(home, "berth"));
    expect(await stage()).toMatchObject({ outcome: "refused", words: expect.stringContaining("berth") });
    expect(existsSync(join(home, "elsewhere/a000000000000001"))).toBe(false);
  });

  it("refuses a parent in which everybody may write, and takes one in which a group may", async () => {
    mkdirSync(join(home, "berth"));
    chmodSync(join(home, "berth"), 0o777);
    expect(await stage()).toMatchObject({ outcome: "refused", words: expect.stringContaining("replace") });
    chmodSync(join(home, "berth"), 0o770);
    expect(await stage()).toMatchObject({ outcome: "ran" });
  });

  it.each(["relative/path", "~/../x", "/tmp/./x", "~/a//b"])("refuses the path %s", async (directory) => {
    expect(await stage({ directory })).toMatchObject({ outcome: "refused" });
  });

  it("leaves nothing half-created when the disk takes no more", async () => {
    shellPrefix = "trap '' XFSZ; ulimit -f 1;";
    const files = [{ name: "big", content: new Uint8Array(1_000_000) }];
    expect(await stage({ files })).toMatchObject({
      outcome: "refused",
      words: expect.stringMatching(/too large|wrote only/i),
    });
    expect(existsSync(staged())).toBe(false);
  });

  it("tightens a directory of one's own that was open to others", async () => {
    mkdirSync(staged(), { recursive: true });
    chmodSync(staged(), 0o777);
    expect(await stage()).toMatchObject({ outcome: "ran" });
    expect(mode(staged())).toBe("700");
  });

  it.each(["../x", "a/b", "tag", "claim", "environment", ".hidden", ""])(
    "never writes a file called '%s'",
    async (name) => {
      await expect(stage({ files: [{ name, content: new Uint8Array() }] })).rejects.toThrow();
    },
  );

  it("never passes on a value that would end early", async () => {
    await expect(stage({ environment: { A: "x\0B=y" } })).rejects.toThrow("environment");
  });
});
