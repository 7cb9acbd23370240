// The real one-machine Slurm of cluster/up, reached over its sshd as the portal does it. Only tests import this.
import { readFileSync } from "node:fs";
import type { Reach, Run } from "@/lib/clusters/run";
import { clusterSettings } from "@/lib/ssh/cluster-facts";
import { sshReach } from "@/lib/ssh/reach";
import { type SlurmOptions, slurm } from "./slurm/slurm";

type ClusterFile = { dir: string; copy: number; slurmConf: string; slurmBin: string; poller: string; logDir: string };

/** Facts that cluster/up wrote. Throws when there are none: a test without its daemon fails, it does not skip. */
export function clusterFile(): ClusterFile {
  const path = process.env.BERTH_CLUSTER_JSON || "/var/lib/berth-cluster-0/cluster.json";
  return JSON.parse(readFileSync(path, "utf8")) as ClusterFile; // written by cluster/lib/describe.sh in this shape
}

export const clusterReach = (): Reach => sshReach(clusterSettings(process.env, { sourceAddress: ["127.0.0.0/8"] }));

export function clusterSlurm(run: Run, change: Partial<SlurmOptions> = {}) {
  const { poller, slurmConf, slurmBin } = clusterFile();
  return slurm({ run, poller, slurmConf, binDir: slurmBin, accounting: true, ...change });
}

/** Runs a script as a person over `run`, with SLURM_CONF set. Fails with its words. */
export async function shell(run: Run, user: string, script: string): Promise<string> {
  const argv = ["env", `SLURM_CONF=${clusterFile().slurmConf}`, "sh", "-c", script];
  const { code, stdout, stderr } = await run(argv, { user });
  if (code !== 0) throw new Error(`${script}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout).trim();
}
