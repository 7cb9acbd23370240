// What job.sh keeps of what an app prints, as a real process: bounded whatever is printed, and live.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";

const WHOLE = 200_000;
const made: { directory: string; child: ChildProcess }[] = [];
afterEach(async () => {
  for (const { directory, child } of made.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill("SIGTERM");
      await once(child, "exit");
    }
    const left = existsSync(join(directory, "pids")) ? readFileSync(join(directory, "pids"), "utf8").split("\n") : [];
    for (const pid of left.filter(Boolean)) if (existsSync(`/proc/${pid}`)) process.kill(Number(pid), "SIGKILL");
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  }
});

/** Starts job.sh with `script` as the template's and its output in the file `log`, as every scheduler does. */
function start(script: string, limit = "unlimited") {
  const directory = mkdtempSync(join(tmpdir(), "berth-job-log-"));
  for (const file of ["job.sh", "place.sh", "door.py"]) cpSync(join("lib/sessions/job", file), join(directory, file));
  writeFileSync(join(directory, "script.sh"), `#!/bin/bash\n${script}\n`);
  const log = openSync(join(directory, "log"), "a", 0o600);
  const environment = { BERTH_MINUTES: "60", BERTH_STOP_SECONDS: "2", BERTH_LOG_BYTES: String(WHOLE) };
  const env = {
    NODE_ENV: "test" as const,
    PATH: process.env.PATH,
    HOME: directory,
    BERTH_JOB_DIR: directory,
    ...environment,
  };
  const argv = ["-c", `ulimit -f ${limit}; exec /bin/bash "$BERTH_JOB_DIR/job.sh"`];
  const child = spawn("/bin/bash", argv, { env, stdio: ["ignore", log, log] });
  made.push({ directory, child });
  const has = (name: string) => existsSync(join(directory, name));
  const bytes = (name: string) => (has(name) ? statSync(join(directory, name)).size : 0);
  const read = (name: string) => (has(name) ? readFileSync(join(directory, name), "utf8") : "");
  const text = () => ["log", "log.older", "log.tail"].map(read).join("");
  const ended = once(child, "exit").then(([code]: (number | null)[]) => code);
  return { directory, child, ended, has, bytes, read, text };
}

type Job = ReturnType<typeof start>;
function expectBounded(job: Job): void {
  expect(job.bytes("log")).toBeLessThanOrEqual(WHOLE / 2 + 200);
  expect(job.bytes("log.older")).toBeLessThanOrEqual(WHOLE);
  expect(job.bytes("log.tail")).toBeLessThanOrEqual(WHOLE);
}

describe("the log of a job", () => {
  it("is one file while it is short, and holds all of it", async () => {
    const job = start("seq 1000; echo to stderr >&2");
    expect(await job.ended).toBe(0);
    const numbers = Array.from({ length: 1000 }, (_, index) => index + 1).join("\n");
    expect(job.read("log")).toContain(`${numbers}\nto stderr\n`);
    expect(job.read("log")).toMatch(/ended: finished\n$/);
    expect([job.has("log.tail"), job.has("log.older"), job.has(".log.pipe")]).toEqual([false, false, false]);
  });

  it("loses nothing where it goes on in another file", async () => {
    const job = start("seq 60000; echo last words");
    await job.ended;
    const numbers = job.text().match(/^\d+$/gm) ?? [];
    expect(job.bytes("log.older")).toBe(WHOLE);
    const inLater = (job.read("log.older") + job.read("log.tail")).match(/^\d+$/gm)?.slice(1).map(Number) ?? [];
    expect(inLater).toEqual(Array.from(inLater, (_, index) => 60_001 - inLater.length + index));
    expect(numbers[0]).toBe("1");
    expect(job.text()).toMatch(/\n60000\nlast words\n[\d:]+ ended: finished\n$/);
  });

  it("stays small under an app that prints for ever, and shows its first and its last words", async () => {
    const job = start('echo $$ >> pids; echo first words; yes "the same again"');
    await vi.waitFor(() => expect(job.bytes("log.older")).toBe(WHOLE), { timeout: 30_000, interval: 20 });
    const before = statSync(join(job.directory, "log.older")).ino;
    const turned = () => expect(statSync(join(job.directory, "log.older")).ino).not.toBe(before);
    await vi.waitFor(turned, { timeout: 30_000, interval: 5 });
    expectBounded(job);
    job.child.kill("SIGTERM");
    expect(await job.ended).toBe(143);
    expectBounded(job);
    expect(job.read("log")).toContain("first words");
    expect(job.text()).toMatch(/ended: terminated\n$/);
    expect(statSync(join(job.directory, "log.tail")).mode & 0o777).toBe(0o600);
  });

  it("stays small when there are no lines at all", async () => {
    const job = start("head -c 5000000 /dev/zero; echo; echo after the zeros");
    expect(await job.ended).toBe(0);
    expectBounded(job);
    expect(job.text()).toContain("after the zeros\n");
  });

  it("is live: a short line is there before the next one comes", async () => {
    const job = start("echo $$ >> pids; echo one line; exec sleep 600");
    await vi.waitFor(() => expect(job.read("log")).toContain("one line\n"), { timeout: 30_000, interval: 20 });
  });

  it("that cannot be written ends nobody's work", async () => {
    // A file may have 150 blocks of 1024 bytes, as on a full disk: more is an error.
    const job = start("seq 200000 && echo written > done", "150");
    expect(await job.ended).toBe(0);
    expect(job.read("done")).toBe("written\n");
  });

  it("may lose its writer: the job still ends in order, and the app inherits nothing that this takes", async () => {
    // The writer is the other bash below job.sh; its head is what has the pipe open. A head that ended meanwhile makes kill
    // complain into that very pipe, which nobody reads any more: SIGPIPE would end this script as it ends any app.
    const kill = `for pid in $(pgrep -P "$PPID" -x bash); do
      [ "$pid" = $$ ] || { heads=$(pgrep -P "$pid"); kill -KILL "$pid" $heads 2> /dev/null; }
    done`;
    const job = start(`grep SigIgn /proc/self/status > ignored; ${kill}; exit 3`);
    expect(await job.ended).toBe(3);
    expect(job.read("ended")).toBe("failed 3\n");
    expect([job.has("secret"), job.has("connection")]).toEqual([false, false]);
    const ignored = BigInt(`0x${/SigIgn:\s*([0-9a-f]+)/.exec(job.read("ignored"))?.[1]}`);
    // Bit 12 is SIGPIPE, number 13.
    expect((ignored >> 12n) & 1n).toBe(0n);
  });

  it("does not hold a job whose app left somebody behind who prints", async () => {
    const job = start("setsid sh -c 'echo $$ >> pids; exec sleep 600' & until [ -s pids ]; do sleep 0.1; done; exit 0");
    expect(await job.ended).toBe(0);
    expect(process.kill(Number(job.read("pids").split("\n")[0]), 0)).toBe(true);
  });
});
