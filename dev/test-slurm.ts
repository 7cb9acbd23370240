// For tests of sessions on the real Slurm of cluster/up: a portal.yaml whose one cluster `hpc` is that one, over its sshd.
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { clusterFile } from "@/lib/scheduler/contract-cluster";
import { clusterSettings } from "@/lib/ssh/cluster-facts";

export const issuer = "https://id.example.org";

/** Writes portal.yaml into a new directory and names it in the environment. Returns the directory. */
export function useSlurm(sessionPath: string): string {
  const { slurmConf, slurmBin, poller } = clusterFile();
  const hpc = {
    ...{ name: "hpc", scheduler: "slurm", slurmConf, binDir: slurmBin, poller, sessionPath, scratchPath: "/tmp" },
    ssh: { ...clusterSettings(process.env, { sourceAddress: ["127.0.0.0/8"] }), apps: "direct" },
    account: { from: "claim", claim: "preferred_username" },
    nodeNetworks: ["127.31.0.0/16"],
  };
  const portal = {
    ...{ url: "http://localhost:3000", appsHosts: "*.apps.localhost:3000", clusters: [hpc] },
    signIn: { issuer, clientId: "berth" },
    waits: { lookApartSeconds: 1, busyPollSeconds: 0.5, cleanRetrySeconds: 1 },
  };
  const directory = mkdtempSync(join(tmpdir(), "berth-slurm-"));
  const file = join(directory, "portal.yaml");
  writeFileSync(file, stringify(portal), { mode: 0o600 });
  process.env.PORTAL_CONFIG = file;
  process.env.PORTAL_SECRET = "kT9mQ2vX7bLwR4nZc8pFdH3sJ6gYtU5e";
  return directory;
}
