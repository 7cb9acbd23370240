// One cluster at run time: how it is reached and the scheduler that lives there, made once per process.

import { reachFor } from "@/lib/clusters/reach";
import type { Reach } from "@/lib/clusters/run";
import { type ClusterConfig, clusterConfig, config } from "@/lib/config";
import { env } from "@/lib/env";
import { once } from "@/lib/once";
import { schedulerFor } from "@/lib/scheduler/adapters";
import type { Scheduler } from "@/lib/scheduler/scheduler";

export type Cluster = { config: ClusterConfig; reach: Reach; scheduler: Scheduler };

/** The cluster called `name`, or `not_found`. */
export function cluster(name: string): Cluster {
  const settings = clusterConfig(name);
  return once(`cluster:${name}`, () => {
    const reach = reachFor(settings);
    return {
      config: settings,
      reach,
      scheduler: schedulerFor(settings, { reach, dataDir: env().dataDir, sentinels: env().sentinels }),
    };
  });
}

/** All clusters of portal.yaml. */
export const clusters = (): Cluster[] => config().clusters.map((entry) => cluster(entry.name));
