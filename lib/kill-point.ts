// Named instructions at which a test may kill the process, to prove that no moment loses or doubles a job.
// Does nothing unless the process was started with --import ./dev/kill-at.mjs and PORTAL_KILL_AT.

const wish = Symbol.for("berth.killAt");

type Wish = { name: string; count: number };

/** Ends the process here, without any clean-up, when this is the point asked for. */
export function killPoint(name: string): void {
  const wanted = (globalThis as { [wish]?: Wish })[wish];
  if (wanted?.name !== name) return;
  wanted.count -= 1;
  if (wanted.count <= 0) process.kill(process.pid, "SIGKILL");
}
