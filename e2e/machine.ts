// What this machine itself says of a session's job, without asking the portal: processes, and Slurm where there is one.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** A file of proc(5); empty when the process ended meanwhile, or is somebody else's. */
function fileOf(pid: number, name: "environ" | "cmdline" | "stat"): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "utf8");
  } catch {
    return "";
  }
}

const processes = () =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), environment: fileOf(Number(name), "environ").split("\0") }));

const commandOf = (pid: number): string => `${pid} ${fileOf(pid, "cmdline").replaceAll("\0", " ").trim()}`;

/** Pids by the session that they belong to, wherever they run: both engines' nodes are this machine. */
function pidsBySession(): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (const { pid, environment } of processes()) {
    const id = environment.find((line) => line.startsWith("BERTH_SESSION="))?.slice("BERTH_SESSION=".length);
    if (id) found.set(id, [...(found.get(id) ?? []), pid]);
  }
  return found;
}

/** Pids of processes that belong to the session. */
export const processesOf = (sessionId: string): number[] => pidsBySession().get(sessionId) ?? [];

/** The command lines of sessions' processes, by session. */
export function commandsBySession(): Map<string, string[]> {
  return new Map([...pidsBySession()].map(([id, pids]) => [id, pids.map(commandOf)]));
}

/** Whether it is on a terminal, or is the tmux that holds some. proc(5): name, then state, parent, group, session, terminal. */
function isOfTerminal(pid: number): boolean {
  const [, name, terminal] = /\((.*)\) \S+ \d+ \d+ \d+ (-?\d+)/.exec(fileOf(pid, "stat")) ?? [];
  return name === "tmux: server" || (terminal !== undefined && terminal !== "0");
}

/**
 * Command lines of what the person has on terminals that came through sshd on this port, the tmux that holds them included:
 * what the portal's terminals on login nodes are made of.
 */
export const onTerminals = (who: string, port: number): string[] =>
  processes()
    .filter(({ environment }) => environment.includes(`USER=${who}`))
    .filter(({ environment }) => environment.some((line) => /^SSH_CONNECTION=.* (\d+)$/.exec(line)?.[1] === `${port}`))
    .filter(({ pid }) => isOfTerminal(pid))
    .map(({ pid }) => commandOf(pid));

/** Runs a program as a person of this machine (needs root); answers its output. */
export const asPerson = (who: string, argv: string[]): string =>
  execFileSync("runuser", ["-u", who, "--", ...argv], { encoding: "utf8" });

/** Directory of the test cluster that the demo under test brought up (`--slurm`). */
export const clusterDirectory = (): string => `/var/lib/berth-${new URL(process.env.BERTH_URL ?? "").port}/cluster`;

/** Runs one of Slurm's commands against the test cluster; answers its lines. */
export function slurm(argv: string[], who = "root"): string[] {
  // No more: what a test knows, tokens among it, would be in the environment of the jobs that it submits.
  const { PATH, NODE_ENV } = process.env;
  const env = { PATH, NODE_ENV, SLURM_CONF: `${clusterDirectory()}/etc/slurm.conf` };
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
