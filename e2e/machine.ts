// What this machine itself says of a session's job, without asking the portal: processes, and Slurm where there is one.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** Pids by the session that they belong to, wherever they run: both engines' nodes are this machine. */
function pidsBySession(): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const [, id] = /(?:^|\0)BERTH_SESSION=([^\0]+)/.exec(readFileSync(`/proc/${pid}/environ`, "utf8")) ?? [];
      if (id) found.set(id, [...(found.get(id) ?? []), Number(pid)]);
    } catch {
      // Ended meanwhile, or somebody else's.
    }
  }
  return found;
}

/** Pids of processes that belong to the session. */
export const processesOf = (sessionId: string): number[] => pidsBySession().get(sessionId) ?? [];

/** The command lines of sessions' processes, by session. */
export function commandsBySession(): Map<string, string[]> {
  const commandOf = (pid: number) => {
    try {
      return `${pid} ${readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim()}`;
    } catch {
      return `${pid}, ended meanwhile`;
    }
  };
  return new Map([...pidsBySession()].map(([id, pids]) => [id, pids.map(commandOf)]));
}

/** Runs a program as a person of this machine (needs root); answers its output. */
export const asPerson = (who: string, argv: string[]): string =>
  execFileSync("runuser", ["-u", who, "--", ...argv], { encoding: "utf8" });

/** Directory of the test cluster that the demo under test brought up (`--slurm`). */
export const clusterDirectory = (): string => `/var/lib/berth-${new URL(process.env.BERTH_URL ?? "").port}/cluster`;

/** Runs one of Slurm's commands against the test cluster; answers its lines. */
export function slurm(argv: string[], who = "root"): string[] {
  const env = { ...process.env, SLURM_CONF: `${clusterDirectory()}/etc/slurm.conf` };
  const command = who === "root" ? argv : ["runuser", "-u", who, "--", ...argv];
  const [program = "", ...args] = command;
  return execFileSync(program, args, { encoding: "utf8", env })
    .split("\n")
    .filter((line) => line !== "");
}

/** Ids of all jobs Slurm has or had for the session: in the queue or in accounting, without refused submits. */
export function jobsOf(sessionId: string, owner: string): string[] {
  const name = `--name=berth-${sessionId}`;
  const queued = slurm(["squeue", "-h", "-u", owner, name, "-t", "all", "-o", "%i"]);
  const accounted = slurm(["sacct", "-X", "-n", "-P", "-u", owner, name, "-S", "now-1day", "-o", "JobID"]);
  return [...new Set([...queued, ...accounted])].toSorted();
}
