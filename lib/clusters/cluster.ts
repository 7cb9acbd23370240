// One cluster at run time: how it is reached and the scheduler that lives there, made once per process.
import { type Actor, loginName } from "@/lib/actor";
import { measured } from "@/lib/clusters/measured-scheduler";
import { reachAs, reachFor } from "@/lib/clusters/reach";
import type { Reach } from "@/lib/clusters/run";
import { type ClusterConfig, clusterConfig, config } from "@/lib/config";
import { env } from "@/lib/env";
import { once } from "@/lib/once";
import { schedulerFor } from "@/lib/scheduler/adapters";
import type { Scheduler } from "@/lib/scheduler/scheduler";

export type Cluster = {
  config: ClusterConfig;
  reach: Reach;
  scheduler: Scheduler;
  /** The same, where everything is done for one login. Absent where nobody logs in: on this machine. */
  as?: (login: string) => Cluster;
};

const clusterOver = (settings: ClusterConfig, reach: Reach): Cluster => ({
  config: settings,
  reach,
  scheduler: measured(
    schedulerFor(settings, { reach, dataDir: env().dataDir, sentinels: env().sentinels }),
    settings.name,
  ),
});

function sharedCluster(settings: ClusterConfig): Cluster {
  const reach = reachFor(settings);
  const shared = clusterOver(settings, reach);
  return settings.ssh ? { ...shared, as: (login) => clusterOver(settings, reachAs(reach, login)) } : shared;
}

/**
 * The cluster called `name`, or `not_found`. What a person wants done there is done through `cluster(name, actor)`, so that
 * the cluster's own log names their login; without an actor it is the portal's own doing.
 */
export function cluster(name: string, actor: Actor = { kind: "system" }): Cluster {
  const settings = clusterConfig(name);
  const shared = once(`cluster:${name}`, () => sharedCluster(settings));
  return actor.kind === "system" ? shared : (shared.as?.(loginName(actor)) ?? shared);
}

/** All clusters of portal.yaml. */
export const clusters = (): Cluster[] => config().clusters.map((entry) => cluster(entry.name));
