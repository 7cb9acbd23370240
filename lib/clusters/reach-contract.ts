// What every Reach promises, as tests: lib/clusters/local.test.ts and lib/ssh/exec.cluster.test.ts run the same.
// Programs must run on the machine of the test, so that it can see whether they have ended.
import { createHash, randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Reach, RunOptions } from "./run";

const NASTY = [
  "",
  " ",
  "'\"\\",
  "$(id) `id` $HOME",
  "!x",
  "\n",
  "a\nb\n\n",
  "\u0001\u0007\u001b[31m\u007f",
  "é日🧪\u2028",
  "-n",
  "--",
  "*",
  "%s",
];
const MEBIBYTE = 1024 * 1024;

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("utf8");
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return ""; // it ended meanwhile
  }
}

/** How many processes of this machine have `word` in their command line. */
export const processesWith = (word: string): number =>
  readdirSync("/proc").filter((pid) => /^[0-9]+$/.test(pid) && commandLine(pid).includes(word)).length;

const waits = { timeout: 10_000, interval: 200 };
const uniqueSeconds = (): string => `6${randomBytes(4).readUInt32BE()}`;

function describeResults(reach: () => Reach, user: string): void {
  const run = (argv: string[], options: Partial<RunOptions> = {}) => reach().run(argv, { user, ...options });

  it("passes every argument byte for byte", async () => {
    const { stdout } = await run(["printf", "%s\\0", ...NASTY]);
    expect(text(stdout).split("\0").slice(0, -1)).toEqual(NASTY);
  });

  it("keeps stdout, stderr and exit code apart", async () => {
    const result = await run(["sh", "-c", "echo out; echo err >&2; exit 41"]);
    expect({ ...result, stdout: text(result.stdout), stderr: text(result.stderr) }).toEqual({
      code: 41,
      stdout: "out\n",
      stderr: "err\n",
    });
  });

  it("returns 127 for a program that is not there, and 126 for one that may not be run", async () => {
    expect((await run(["/no/such/program"])).code).toBe(127);
    expect((await run(["/etc/passwd"])).code).toBe(126);
  });

  it("returns 128 + signal for a program that was killed", async () => {
    expect((await run(["sh", "-c", "kill -9 $$"])).code).toBe(137);
  });

  it("moves 20 MiB of any bytes through stdin and stdout unchanged", async () => {
    const stdin = randomBytes(20 * MEBIBYTE);
    const { stdout } = await run(["cat"], { stdin });
    expect(sha256(stdout)).toBe(sha256(stdin));
  });

  it("reads stdin from a stream, at the pace of the program", async () => {
    const chunks = Array.from({ length: 50 }, () => randomBytes(100_000));
    const { stdout } = await run(["sha256sum"], { stdin: Readable.from(chunks) });
    expect(text(stdout)).toContain(sha256(Buffer.concat(chunks)));
  });

  it("gives a program without input /dev/null, and one with empty input an empty one", async () => {
    expect(text((await run(["readlink", "/proc/self/fd/0"])).stdout)).toBe("/dev/null\n");
    expect(await run(["cat"], { stdin: new Uint8Array() })).toMatchObject({ code: 0, stdout: Buffer.alloc(0) });
  });

  it("does not wait for input that the program does not read", async () => {
    const stdin = new Readable({ read() {} });
    stdin.push(Buffer.alloc(MEBIBYTE));
    const { code } = await run(["true"], { stdin });
    expect(code).toBe(0);
    await expect.poll(() => stdin.destroyed, waits).toBe(true);
  });

  it("does not wait for what a program leaves behind in the background", async () => {
    const token = uniqueSeconds();
    const { stdout } = await run(["sh", "-c", 'sleep "$1" & echo $!', "sh", token]);
    process.kill(Number(text(stdout)), "SIGKILL");
  });

  it("refuses an argument with a NUL byte, and no program at all, before anything runs", async () => {
    await expect(run(["echo", "a\0b"])).rejects.toMatchObject({ code: "invalid" });
    await expect(run([])).rejects.toMatchObject({ code: "invalid" });
    await expect(run(["-oProxyCommand=id"])).rejects.toMatchObject({ code: "invalid" });
  });
}

function describeEnds(reach: () => Reach, user: string): void {
  const run = (argv: string[], options: Partial<RunOptions> = {}) => reach().run(argv, { user, ...options });

  it("ends a program that takes too long, and names it without its arguments", async () => {
    const token = uniqueSeconds();
    const failure = run(["sleep", token], { timeoutSeconds: 3 });
    await expect(failure).rejects.toMatchObject({
      code: "cluster_timeout",
      message: expect.stringMatching(/^sleep on .* as .* did not finish within 3 s$/),
    });
    await expect(failure).rejects.not.toThrow(token);
    await expect.poll(() => processesWith(token), waits).toBe(0);
  });

  it("ends a program that ignores TERM, with its children", async () => {
    const token = uniqueSeconds();
    const script = 'trap "" TERM; sleep "$1" & while :; do sleep "$1"; done';
    await expect(run(["sh", "-c", script, "sh", token], { timeoutSeconds: 3 })).rejects.toThrow("did not finish");
    await expect.poll(() => processesWith(token), waits).toBe(0);
  });

  it("ends a program whose caller gave up", async () => {
    const token = uniqueSeconds();
    const caller = new AbortController();
    const result = run(["sleep", token], { signal: caller.signal });
    result.catch(() => {});
    await expect.poll(() => processesWith(token), waits).toBeGreaterThan(0);
    caller.abort(new Error("the browser went away"));
    await expect(result).rejects.toMatchObject({ code: "cluster", message: expect.stringContaining("cancelled") });
    await expect.poll(() => processesWith(token), waits).toBe(0);
  });

  it("starts nothing for a caller that gave up before", async () => {
    await expect(run(["true"], { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "cluster" });
  });

  it("ends a program that prints more than was allowed", async () => {
    const token = uniqueSeconds();
    const failure = run(["yes", token], { maxBytes: MEBIBYTE });
    await expect(failure).rejects.toMatchObject({ code: "cluster", message: expect.stringContaining("1048576 bytes") });
    await expect.poll(() => processesWith(token), waits).toBe(0);
    await expect(run(["head", "-c", String(MEBIBYTE), "/dev/zero"], { maxBytes: MEBIBYTE })).resolves.toBeTruthy();
  });

  it("kills a program whose input breaks off, instead of letting it take half for the whole", async () => {
    const stdin = Readable.from(
      (async function* () {
        yield Buffer.alloc(1000);
        throw new Error("the upload was cut");
      })(),
    );
    const token = uniqueSeconds();
    const script = 'cat >/dev/null; exec sleep "$1"';
    const failure = run(["sh", "-c", script, "sh", token], { stdin });
    await expect(failure).rejects.toMatchObject({ code: "cluster", message: expect.stringContaining("broke off") });
    await expect.poll(() => processesWith(token), waits).toBe(0);
  });
}

function describeStreams(reach: () => Reach, user: string): void {
  const start = (argv: string[], options: Partial<RunOptions> = {}) => reach().runStream(argv, { user, ...options });

  it("streams stdout and then tells the exit code and stderr", async () => {
    const { stdout, exit } = await start(["sh", "-c", "echo one; echo two; echo oops >&2; exit 5"]);
    expect(text(await buffer(stdout))).toBe("one\ntwo\n");
    expect(await exit).toEqual({ code: 5, stderr: Buffer.from("oops\n") });
  });

  it("passes on a line while the program goes on", async () => {
    const token = uniqueSeconds();
    const { stdout, exit } = await start(["sh", "-c", 'echo ready; exec sleep "$1"', "sh", token]);
    const [line] = await new Promise<[Buffer]>((resolve) => stdout.once("data", (chunk: Buffer) => resolve([chunk])));
    expect(text(line)).toBe("ready\n");
    stdout.destroy();
    expect((await exit).code).toBe(143);
    await expect.poll(() => processesWith(token), waits).toBe(0);
  });

  it("outlives its start time-out", async () => {
    const { stdout, exit } = await start(["sh", "-c", "sleep 6.5; echo late"], { timeoutSeconds: 6 });
    expect(text(await buffer(stdout))).toBe("late\n");
    expect((await exit).code).toBe(0);
  });

  it("ends when the caller gives up", async () => {
    const token = uniqueSeconds();
    const caller = new AbortController();
    const { stdout, exit } = await start(["sleep", token], { signal: caller.signal });
    const closed = new Promise((resolve) => stdout.once("close", resolve));
    caller.abort();
    await closed;
    await expect(exit).rejects.toMatchObject({ code: "cluster" });
    await expect.poll(() => processesWith(token), waits).toBe(0);
  });

  it("keeps only the first 64 KiB of stderr, and says that there was more, without blocking the program", async () => {
    const { stdout, exit } = await start(["sh", "-c", "yes 0123456 | head -n 400000 >&2; echo end"]);
    expect(text(await buffer(stdout))).toBe("end\n");
    const said = text((await exit).stderr);
    expect(said.slice(0, 65_536)).toBe("0123456\n".repeat(8192));
    expect(said.slice(65_536)).toMatch(/^There was more .*\n$/);
  });
}

function describePace(reach: () => Reach, user: string): void {
  const start = (argv: string[], options: Partial<RunOptions> = {}) => reach().runStream(argv, { user, ...options });

  it("slows a program down to the pace of its reader", async () => {
    const { stdout, exit } = await start(["sh", "-c", "head -c 67108864 /dev/zero; echo done >&2"], {
      timeoutSeconds: 20,
    });
    let isOver = false;
    void exit.then(() => {
      isOver = true;
    });
    const held: number[] = [];
    const hasStopped = () => held.at(-1) === held.at(-2) && (held.at(-1) ?? 0) > 0;
    await expect
      .poll(() => held.push(stdout.readableLength) && hasStopped(), { timeout: 10_000, interval: 300 })
      .toBe(true);
    expect(held.at(-1)).toBeLessThan(8 * MEBIBYTE);
    expect(isOver).toBe(false);
    expect((await buffer(stdout)).length).toBe(64 * MEBIBYTE);
    expect(text((await exit).stderr)).toBe("done\n");
  });

  it("slows down one that writes to stderr all the while, too", async () => {
    const dir = mkdtempSync(join(tmpdir(), "reach-pace-"));
    chmodSync(dir, 0o777);
    const count = join(dir, "count");
    const block = "b=$(head -c 65536 /dev/zero | tr '\\0' x)";
    const script = `${block}; for i in $(seq 1500); do printf %s "$b"; echo e >&2; echo $i > "$1"; done`;
    const { stdout } = await start(["sh", "-c", script, "sh", count]);
    const seen: string[] = [];
    const hasStopped = () => seen.length > 2 && seen.at(-1) === seen.at(-2);
    const read = () => (existsSync(count) ? readFileSync(count, "utf8") : "");
    await expect.poll(() => seen.push(read()) > 0 && hasStopped(), { timeout: 15_000, interval: 400 }).toBe(true);
    expect(Number(seen.at(-1))).toBeLessThan(24 * 16);
    stdout.destroy();
    rmSync(dir, { recursive: true, force: true });
  });
}

/** Runs the contract against what `make` returns, as `user`. */
export function testReach(name: string, user: string, make: () => Reach): void {
  describe(name, () => {
    let reach: Reach;
    beforeAll(async () => {
      reach = make();
      // The first call logs in; what follows is about programs.
      await reach.run(["true"], { user });
    });
    afterAll(() => reach.close());
    describe("run", () => describeResults(() => reach, user));
    describe("a program that must end", () => describeEnds(() => reach, user));
    describe("runStream", () => describeStreams(() => reach, user));
    describe("a slow reader", () => describePace(() => reach, user));
  });
}
