// Portals for end-to-end tests: each is `npm run demo` as people start it, on a port of its own, with the demo's people
// and one whom no cluster admits.
import { type ChildProcess, spawn } from "node:child_process";
import { once as event } from "node:events";
import { existsSync, rmSync } from "node:fs";
import { readOptions } from "@/dev/demo/options";
import { runProgram } from "@/dev/demo/programs";
import { onInterrupt } from "./interrupt";

export type Portal = {
  url: string;
  port: number;
  data: string;
  child: ChildProcess;
  /** Resolves with the exit code of the command, whatever ended it. */
  ended: Promise<number | null>;
  stop: () => Promise<void>;
};

type Start = {
  flags?: string[];
  /** False: with what an earlier run left. Default true: with empty data, and without jobs of earlier data. */
  fresh?: boolean;
  environment?: Record<string, string>;
};

const startSeconds = 600;
export const dataOf = (port: number): string => `/tmp/berth-e2e-${port}`;
const clusterOptions = (port: number) => readOptions(["--port", String(port)], true);
export const clusterOf = (port: number): string => clusterOptions(port).clusterDir;
/** The cluster that a demo or site of this port finds there, too. */
function clusterFlags(port: number): string[] {
  const { clusterDir, copy } = clusterOptions(port);
  return ["--dir", clusterDir, "--copy", String(copy)];
}

/** Resolves when the demo has said where it is; rejects with its last words when it ends before. */
function untilAnnounced(child: ChildProcess, name: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let said = "";
  const late = setTimeout(
    () => reject(new Error(`${name} did not start in ${startSeconds} s:\n${said.slice(-3000)}`)),
    startSeconds * 1000,
  );
  const hear = (data: Buffer) => {
    said = (said + data.toString()).slice(-20_000);
    if (said.includes("Berth is on")) resolve();
  };
  child.stdout?.on("data", hear);
  child.stderr?.on("data", hear);
  child.once("exit", (code) => reject(new Error(`${name} ended with ${code}:\n${said.slice(-3000)}`)));
  return promise.finally(() => clearTimeout(late));
}

/** Jobs whose portal's data is about to go would run on, unknown to anybody: those of `people` are cancelled. */
export async function cancelJobs(port: number, people: string[]): Promise<void> {
  const conf = `${clusterOf(port)}/etc/slurm.conf`;
  if (!existsSync(conf)) return;
  const how = { environment: { SLURM_CONF: conf } };
  // A controller that does not answer has no jobs that anybody could cancel.
  for (const user of people) await runProgram("timeout", ["10", "scancel", "-u", user], how).catch(() => {});
}

async function removeData(port: number): Promise<void> {
  await cancelJobs(port, ["alice", "bob", "carol", "nora"]);
  rmSync(dataOf(port), { recursive: true, force: true });
  if (process.getuid?.() === 0) rmSync(`/var/lib/berth-${port}/data`, { recursive: true, force: true });
}

/** Starts a demo on `port` and waits until it says that it is there. */
export async function startDemo(port: number, { flags = [], fresh = true, environment = {} }: Start = {}) {
  if (fresh) await removeData(port);
  const data = dataOf(port);
  const args = [
    "dev/run.mjs",
    "demo",
    "--port",
    String(port),
    "--data",
    data,
    "--accounts",
    "e2e/people.json",
    ...flags,
  ];
  const child = spawn(process.execPath, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, PORTAL_SENTINELS: "1", ...environment },
  });
  const ended = event(child, "exit").then(([code]: (number | null)[]) => code ?? null);
  await untilAnnounced(child, `npm run demo -- --port ${port} ${flags.join(" ")}`);
  const stop = async () => {
    child.kill("SIGTERM");
    await ended;
  };
  return { url: `http://localhost:${port}`, port, data, child, ended, stop } satisfies Portal;
}

/** Demos and sites leave their cluster up for the next start; the tests leave nothing. Throws when it does not stop. */
export async function stopCluster(port: number): Promise<void> {
  await runProgram("cluster/down", ["--dir", clusterOf(port)], { tell: "nobody" });
}

/** Runs `work` on the cluster of `port`, which is stopped whatever ends it. */
export async function onCluster<T>(port: number, work: () => Promise<T>): Promise<T> {
  let stopped: Promise<void> | null = null;
  const stop = () => (stopped ??= stopCluster(port));
  const forget = onInterrupt(stop);
  try {
    await runProgram("cluster/up", ["--quiet", ...clusterFlags(port)], { tell: "program" });
    return await work();
  } finally {
    forget();
    await stop();
  }
}
