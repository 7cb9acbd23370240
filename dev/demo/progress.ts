// Steps of a long command: each says what it is, how long it took, and on failure why and what to do.
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
