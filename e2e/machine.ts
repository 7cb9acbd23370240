// What this machine itself says of a session's job, without asking the portal: processes, and Slurm where there is one.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** Pids of processes that belong to the session, wherever they run: both engines' nodes are this machine. */
export function processesOf(sessionId: string): number[] {
  const mark = `BERTH_SESSION=${sessionId}`;
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(mark);
      } catch {
        // Ended meanwhile, or somebody else's.
        return false;
      }
    })
    .map(Number);
}

/** Runs a program as a person of this machine (needs root); answers its output. */
export const asPerson = (who: string, argv: string[]): string =>
  execFileSync("runuser", ["-u", who, "--", ...argv], { encoding: "utf8" });
