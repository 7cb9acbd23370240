// The test cluster of the site under faults: its daemons by pid, its jobs as Slurm itself tells them.
import { execFile } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { promisify } from "node:util";
import { slurm } from "@/e2e/machine";
import { until } from "./until";

export type ClusterJob = { id: string; sessionId: string; owner: string; state: string; isLive: boolean };

const live = /^(PENDING|CONFIGURING|RUNNING|SUSPENDED|COMPLETING|REQUEUED|STAGE_OUT|SIGNALING|STOPPED)/;

/** Daemons are those of cluster/up: slurmctld, slurmdbd, slurmd-<node>, sshd-login1. */
export function clusterAt(directory: string) {
  const pidOf = (daemon: string): number => Number(readFileSync(`${directory}/run/${daemon}.pid`, "utf8"));
  const signal = (daemon: string, name: NodeJS.Signals): void => void process.kill(pidOf(daemon), name);

  /** kill -9, and waits until it is gone. */
  async function kill(daemon: string): Promise<void> {
    const pid = pidOf(daemon);
    process.kill(pid, "SIGKILL");
    await until(`${daemon} is gone`, 10, () => !existsSync(`/proc/${pid}`));
  }

  /** Waits until slurmctld has written the job down: what it has not, a kill makes it forget. It writes after a change only. */
  async function saved(jobId: string): Promise<void> {
    const now = Date.now();
    slurm(["scontrol", "update", `jobid=${jobId}`, `admincomment=seen at ${now}`]);
    await until("slurmctld saved its jobs", 60, () => statSync(`${directory}/state/slurmctld/job_state`).mtimeMs > now);
  }

  /** Starts whatever died and resumes nodes. This process goes on meanwhile: it holds the proxies. */
  async function repair(): Promise<void> {
    await promisify(execFile)("cluster/up", ["--quiet", "--dir", directory]);
  }

  return { pidOf, signal, kill, saved, repair };
}

export type Cluster = ReturnType<typeof clusterAt>;

function jobOf(line: string): ClusterJob | null {
  const [id = "", name = "", owner = "", state = ""] = line.split("|");
  const sessionId = /^berth-([a-z][a-z0-9]{15})$/.exec(name)?.[1];
  return sessionId && /^\d+$/.test(id) ? { id, sessionId, owner, state, isLive: live.test(state) } : null;
}

/** Every job of any session that Slurm knows, of the queue or of accounting; the queue's word on its state comes first. */
export function jobsInSlurm(): ClusterJob[] {
  const queued = slurm(["squeue", "-h", "-t", "all", "-o", "%i|%j|%u|%T"]);
  const accounted = slurm(["sacct", "-X", "-a", "-n", "-P", "-S", "now-3hours", "-o", "JobID,JobName,User,State"]);
  const known = new Map<string, ClusterJob>();
  for (const line of [...queued, ...accounted]) {
    const job = jobOf(line);
    // sbatch's refusals are recorded too, as failed jobs of nobody's node: they never were jobs.
    if (job && !known.has(job.id)) known.set(job.id, job);
  }
  return [...known.values()];
}
