// A test command that is told to end before its own end (Ctrl-C, SIGTERM, a killed npm) takes along what it started:
// programs, portals, clusters. What dies by itself with this process need not be told here.
import { endPrograms } from "@/dev/demo/programs";
import { onStop } from "@/lib/graceful-stop";

type Stop = () => unknown;

const toStop: Stop[] = [];
let interrupted = false;

/** Whoever waits for a program then waits for good: what comes next must not begin. */
export const isInterrupted = (): boolean => interrupted;

/** Has `stop` called when the command is interrupted, last come first. The answer takes that back. */
export function onInterrupt(stop: Stop): () => void {
  toStop.push(stop);
  return () => {
    if (toStop.includes(stop)) toStop.splice(toStop.indexOf(stop), 1);
  };
}

/** Stops whatever is still there, last come first: for an end by an error, too. */
export async function stopStarted(): Promise<void> {
  for (let stop = toStop.pop(); stop; stop = toStop.pop()) {
    try {
      await stop();
    } catch (error) {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    }
  }
}

async function stopAll(): Promise<void> {
  interrupted = true;
  process.stderr.write("Interrupted: stopping what was started.\n");
  await endPrograms();
  await stopStarted();
  // As a shell says of who was ended by SIGTERM: no verdict was reached.
  process.exit(143);
}

/** From now on. A second signal ends the command at once. */
export const stopWhenInterrupted = (): void => onStop(stopAll, { parentWatch: true });
