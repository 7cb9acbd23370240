// Portals for end-to-end tests: each is `npm run demo` as people start it, on a port of its own with fresh data.
import { type ChildProcess, spawn } from "node:child_process";
import { once as event } from "node:events";
import { rmSync } from "node:fs";

export type Portal = { url: string; port: number; data: string; stop: () => Promise<void> };

const startSeconds = 600;

/** Resolves when the demo has said where it is; rejects with its last words when it ends before. */
function untilAnnounced(child: ChildProcess, name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = "";
    const late = setTimeout(
      () => reject(new Error(`${name} did not start in ${startSeconds} s:\n${said.slice(-3000)}`)),
      startSeconds * 1000,
    );
    child.stdout?.on("data", (data: Buffer) => {
      said += data.toString();
      if (!said.includes("Berth is on")) return;
      clearTimeout(late);
      resolve();
    });
    child.stderr?.on("data", (data: Buffer) => {
      said += data.toString();
    });
    child.once("exit", (code) => {
      clearTimeout(late);
      reject(new Error(`${name} ended with ${code}:\n${said.slice(-3000)}`));
    });
  });
}

/** Starts a demo on `port` with empty data. */
export async function startDemo(port: number, flags: string[] = []): Promise<Portal> {
  const data = `/tmp/berth-e2e-${port}`;
  const isRoot = process.getuid?.() === 0;
  rmSync(data, { recursive: true, force: true });
  if (isRoot) rmSync(`/var/lib/berth-${port}/data`, { recursive: true, force: true });
  const args = ["dev/run.mjs", "demo", "--port", String(port), "--data", data, ...flags];
  const child = spawn(process.execPath, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, PORTAL_SENTINELS: "1" },
  });
  await untilAnnounced(child, `npm run demo -- --port ${port} ${flags.join(" ")}`);
  const stop = async () => {
    if (child.exitCode !== null) return;
    const ended = event(child, "exit");
    child.kill("SIGTERM");
    await ended;
  };
  return { url: `http://localhost:${port}`, port, data, stop };
}
