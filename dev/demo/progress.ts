// Steps of a long command: each says what it is, how long it took, and on failure why and what to do.
import { spawnSync } from "node:child_process";

export class StepFailed extends Error {}

let done = 0;

/** Runs one step and prints it. A failure ends the command with the step's name and `remedy`. */
export async function step<T>(title: string, remedy: string, work: () => Promise<T> | T): Promise<T> {
  const startedAt = performance.now();
  done += 1;
  process.stdout.write(`[${done}] ${title} … `);
  try {
    const result = await work();
    console.log(`${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
    return result;
  } catch (error) {
    console.log("failed");
    throw new StepFailed(`${title} failed: ${error instanceof Error ? error.message : String(error)}\n${remedy}`);
  }
}

/** Runs a program to its end; throws its own last words when it fails. */
export function runProgram(program: string, args: string[], environment: Record<string, string> = {}): string {
  const env = { ...process.env, ...environment };
  const result = spawnSync(program, args, { encoding: "utf8", env, maxBuffer: 1 << 26 });
  if (result.status === 0) return result.stdout;
  const words = `${result.stdout ?? ""}\n${result.stderr ?? ""}`.trim().split("\n").slice(-25).join("\n");
  throw new Error(`${program} ${args[0] ?? ""} ended with ${result.status ?? result.error?.message}:\n${words}`);
}
