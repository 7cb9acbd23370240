// The demo's two processes, the identity provider and the portal: started as the portal's account, ended together.
import { type ChildProcess, spawn } from "node:child_process";
import { once as event } from "node:events";
import { writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Account } from "./places";
import { holderOf, takenWords } from "./ports";

/** For the portal, as package.json and docs/berth.service have them: docs/performance.md, "Memory of a person". */
export const nodeFlags = ["--max-semi-space-size=16"];

export type Started = { name: string; child: ChildProcess; said: string[] };

type Program = {
  name: string;
  args: string[];
  cwd: string;
  env: Record<string, string>;
  account: Account;
  show: boolean;
  /** An open file that gets a copy of all it says. */
  log?: number;
};

/** Starts Node on `args`. It gets a process group of its own, so that Ctrl-C reaches it through us alone and in order. */
export function start({ name, args, cwd, env, account, show, log }: Program): Started {
  const child = spawn(`${cwd}/node_modules/.bin/node`, args, {
    cwd,
    env: {
      NODE_ENV: "production",
      PATH: `${cwd}/node_modules/.bin:/usr/local/bin:/usr/bin:/bin`,
      LANG: "C.UTF-8",
      ...env,
    },
    ...(account ? { uid: account.uid, gid: account.gid } : {}),
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (data: Buffer) => {
      said.push(data.toString());
      if (said.length > 200) said.shift();
      if (show) process.stdout.write(data);
      if (log !== undefined) writeSync(log, data);
    });
  }
  return { name, child, said };
}

function throwIfEnded({ name, child, said }: Started): void {
  if (child.exitCode !== null || child.signalCode !== null) throw new Error(`${name} ended:\n${said.join("").trim()}`);
}

/**
 * Waits until the process answers 200 to 499 on `url`. Throws its last words when it ends before that, and who answers in
 * its place when that is somebody else.
 */
export async function untilAnswers(started: Started, url: string, seconds: number): Promise<void> {
  const { name, child, said } = started;
  const port = Number(new URL(url).port);
  const deadline = performance.now() + seconds * 1000;
  while (performance.now() < deadline) {
    throwIfEnded(started);
    const answer = await fetch(url, { redirect: "manual" }).catch(() => null);
    const holder = answer && holderOf(port);
    if (holder && holder.pid !== child.pid) throw new Error(takenWords(port, holder));
    if (answer && answer.status < 500) return throwIfEnded(started);
    await sleep(100);
  }
  throw new Error(`${name} did not answer on ${url} within ${seconds} s:\n${said.join("").trim()}`);
}

/** Asks the process to end and waits; kills it when it has not after `seconds`. */
export async function stop({ child }: Started, seconds: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = event(child, "exit");
  child.kill("SIGTERM");
  const late = setTimeout(() => child.kill("SIGKILL"), seconds * 1000);
  await ended;
  clearTimeout(late);
}
