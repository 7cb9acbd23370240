// A test command that is told to end before its own end: real processes, real signals.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

/** A command with two things started, one of which cannot be stopped, and a program that has a child of its own. */
const command = `
import { program } from "./dev/test/suites.ts";
import { onInterrupt, stopWhenInterrupted } from "./dev/test/interrupt.ts";
stopWhenInterrupted();
onInterrupt(() => console.log("the cluster is stopped"));
onInterrupt(() => { throw new Error("the portal cannot be stopped"); });
onInterrupt(() => console.log("taken back"))();
await program("sh", ["-c", "sleep 1000 & echo child $!; wait"]);
console.log("the next suite begins");
`;

function started(args: string[]): { child: ChildProcess; said: () => string; grandchild: Promise<number> } {
  const child = spawn(args[0] ?? "", args.slice(1), { stdio: ["ignore", "pipe", "pipe"] });
  const { promise: grandchild, resolve } = Promise.withResolvers<number>();
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (data: Buffer) => {
      text += data.toString();
      const [, pid] = /child (\d+)\n/.exec(text) ?? [];
      if (pid) resolve(Number(pid));
    });
  }
  return { child, said: () => text, grandchild };
}

const node = [process.execPath, "--import", "tsx", "--input-type=module", "-e", command];

/** Whoever ended and was not yet waited for by its parent, which is init here, is gone as well. */
function isRunning(pid: number): boolean {
  const file = `/proc/${pid}/stat`;
  return existsSync(file) && !/\) [ZX] /.test(readFileSync(file, "utf8"));
}

function expectAllStopped(said: string, grandchild: number): void {
  expect(said).toMatch(/the portal cannot be stopped\n(.*\n)*the cluster is stopped/);
  expect(said).not.toMatch(/taken back|the next suite begins/);
  expect(isRunning(grandchild)).toBe(false);
}

it.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)(
  "%s stops programs with their children, then the rest",
  async (signal) => {
    const { child, said, grandchild } = started(node);
    const pid = await grandchild;
    child.kill(signal);
    const [code] = await once(child, "close");
    expect(code).toBe(143);
    expectAllStopped(said(), pid);
  },
);

it("the death of npm stops them as well, though it sends no signal", async () => {
  const { child, said, grandchild } = started(["sh", "-c", '"$@" & wait', "npm", ...node]);
  const pid = await grandchild;
  child.kill("SIGKILL");
  // Both ends of its pipes are closed when the command itself has ended.
  await once(child, "close");
  expectAllStopped(said(), pid);
});
