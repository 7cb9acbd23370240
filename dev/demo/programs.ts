// Programs that a command runs to their end: builds, package managers, cluster/up. Each has a process group of its own, so
// that Ctrl-C reaches it through endPrograms() alone, and a command that is told to end need not wait for a build.
import { type ChildProcess, spawn } from "node:child_process";
import { once as event } from "node:events";

type Options = {
  /** Added to this process's own. */
  environment?: Record<string, string>;
  /**
   * Whom endPrograms() tells to end: the program with all that it started (default), it alone, because it ends its work in
   * order (packages half installed are worse than all of them), or nobody, because it is ending something itself.
   */
  tell?: "group" | "program" | "nobody";
};

type Running = { tell: Options["tell"]; ended: Promise<unknown> };

const running = new Map<ChildProcess, Running>();
const told = new WeakSet<ChildProcess>();

/**
 * Answers what the program printed. Throws its last words when it fails or cannot be started. One that was ended by
 * endPrograms() never answers: what would come next must not begin.
 */
export async function runProgram(name: string, args: string[], options: Options = {}): Promise<string> {
  const { environment = {}, tell = "group" } = options;
  const env = { ...process.env, ...environment };
  const child = spawn(name, args, { stdio: ["ignore", "pipe", "pipe"], env, detached: true });
  const printed: Buffer[] = [];
  const all: Buffer[] = [];
  child.stdout.on("data", (data: Buffer) => {
    printed.push(data);
    all.push(data);
  });
  child.stderr.on("data", (data: Buffer) => all.push(data));
  const ended = event(child, "close") as Promise<[number | null, NodeJS.Signals | null]>;
  running.set(child, { tell, ended });
  const [code, signal] = await ended.finally(() => running.delete(child));
  if (told.has(child)) await new Promise(() => {});
  if (code === 0) return Buffer.concat(printed).toString();
  const words = Buffer.concat(all).toString().trim().split("\n").slice(-25).join("\n");
  throw new Error(`${name} ${args[0] ?? ""} ended with ${code ?? signal}:\n${words}`);
}

/** Longer than a program needs that obeys at all; a build obeys only between its steps. */
const patienceMs = 2000;

function signal(child: ChildProcess, tell: Options["tell"], name: NodeJS.Signals): void {
  try {
    if (child.pid) process.kill(tell === "group" ? -child.pid : child.pid, name);
  } catch {
    // It ended just now.
  }
}

/** Ends the programs that run now, and resolves when they have ended. */
export async function endPrograms(): Promise<void> {
  await Promise.all(
    [...running].map(async ([child, { tell, ended }]) => {
      if (tell === "nobody") return;
      told.add(child);
      signal(child, tell, "SIGTERM");
      const late = setTimeout(() => tell === "group" && signal(child, tell, "SIGKILL"), patienceMs);
      await ended.catch(() => {});
      clearTimeout(late);
    }),
  );
}
