// For tests of job.sh as a real process: starts it as a scheduler does, and leaves nothing behind.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, vi } from "vitest";

const made: { directory: string; child: ChildProcess }[] = [];
afterEach(async () => {
  const all = made.splice(0);
  for (const { child } of all) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill("SIGTERM");
    await once(child, "exit");
  }
  for (const { directory } of all) {
    // What a killed script leaves running is the scheduler's to end; here there is none.
    const left = existsSync(join(directory, "pids")) ? readFileSync(join(directory, "pids"), "utf8").split("\n") : [];
    for (const pid of left.filter(Boolean)) if (existsSync(`/proc/${pid}`)) process.kill(Number(pid), "SIGKILL");
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  }
});

type Wish = {
  job?: string;
  script?: string;
  directory?: string;
  SLURM_UMASK?: string;
  [name: `BERTH_${string}`]: string;
};

export function newDirectory(script: string): string {
  const directory = mkdtempSync(join(tmpdir(), "berth job -x "));
  for (const file of ["job.sh", "place.sh", "door.py"]) cpSync(join("lib/sessions/job", file), join(directory, file));
  writeFileSync(join(directory, "script.sh"), `#!/bin/bash\n${script}\n`);
  return directory;
}

/** Starts job.sh as the scheduler does, with `script` as the template's. */
export function start({ job = "7", script = "", directory = newDirectory(script), ...environment }: Wish) {
  const wishes = {
    NODE_ENV: "test" as const,
    BERTH_MINUTES: "60",
    BERTH_CHECK_SECONDS: "1",
    BERTH_STOP_SECONDS: "2",
    ...environment,
  };
  const env = { PATH: process.env.PATH, HOME: directory, BERTH_JOB_DIR: directory, BERTH_JOB_ID: job, ...wishes };
  const child = spawn("/bin/bash", [join(directory, "job.sh")], { env, stdio: ["ignore", "pipe", "pipe"] });
  made.push({ directory, child });
  let log = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (log += chunk));
  const read = (name: string) => readFileSync(join(directory, name), "utf8").trim();
  const has = (name: string) => existsSync(join(directory, name));
  const ended = once(child, "exit").then(([code]: (number | null)[]) => ({ code, log }));
  return { directory, child, ended, read, has, log: () => log };
}

export const connectionOf = async (job: ReturnType<typeof start>) => {
  await vi.waitFor(() => expect(job.has("connection"), job.log()).toBe(true), { timeout: 30_000, interval: 50 });
  return JSON.parse(job.read("connection")) as { start: string; job: string; port: number; secret: string };
};

/** An app that listens on the port it was told. */
export const listener = `echo $$ >> "$BERTH_JOB_DIR/pids"; exec python3 -c '
import os, socket, time
s = socket.socket(); s.bind(("0.0.0.0", int(os.environ["BERTH_PORT"]))); s.listen()
time.sleep(600)'`;
