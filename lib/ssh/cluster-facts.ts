// Test support: what the tests that need a real sshd know of the test cluster. Missing facts are an error, not a skip.
import { readFileSync } from "node:fs";
import { z } from "zod";
import { type SshReachConfig, type SshReachInput, sshReachSchema } from "./schema";

const factsSchema = z.object({
  logins: z.array(z.object({ host: z.string(), port: z.number() })).min(2),
  hostKeys: z.array(z.string()).min(1),
  ca: z.object({ privateKey: z.string(), publicKey: z.string() }),
});

export type ClusterFacts = z.infer<typeof factsSchema>;
type Environment = Record<string, string | undefined>;

/** Reads the file that BERTH_CLUSTER_JSON names, or what `cluster/up` writes by default. */
export function clusterFacts(environment: Environment): ClusterFacts {
  const file = environment.BERTH_CLUSTER_JSON || "/var/lib/berth-cluster-0/cluster.json";
  return factsSchema.parse(JSON.parse(readFileSync(file, "utf8")));
}

/** The settings that reach the test cluster; `changes` on top. */
export function clusterSettings(environment: Environment, changes: Partial<SshReachInput> = {}): SshReachConfig {
  const { logins, hostKeys, ca } = clusterFacts(environment);
  return sshReachSchema.parse({ hosts: logins, hostKeys, ca: { keyFile: ca.privateKey }, ...changes });
}
