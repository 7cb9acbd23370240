// Which scheduler a cluster of portal.yaml has: one line per kind. A new one is a folder here and one line below.
import { join } from "node:path";
import type { Reach } from "@/lib/clusters/run";
import { fake } from "./fake";
import { local } from "./local/local";
import type { Scheduler } from "./scheduler";
import { slurm } from "./slurm/slurm";

/** The part of a cluster's settings that schedulers read. */
export type SchedulerSettings = {
  name: string;
  scheduler: "slurm" | "local" | "fake";
  poller: string;
  binDir?: string;
  slurmConf?: string;
  accounting: boolean;
  local?: { cpus?: number; memoryGiB?: number; cgroupParent?: string };
};

export type SchedulerPlace = {
  reach: Pick<Reach, "run">;
  /** The portal's own data: the local engine keeps its queue there. */
  dataDir: string;
  /** Development: offer partitions that fail on purpose. */
  sentinels: boolean;
};

type Make = (settings: SchedulerSettings, place: SchedulerPlace) => Scheduler;

const SCHEDULERS: Record<SchedulerSettings["scheduler"], Make> = {
  slurm: ({ poller, binDir, slurmConf, accounting }, { reach: { run } }) =>
    slurm({ run, poller, binDir, slurmConf, accounting }),
  local: ({ name, local: size }, { reach: { run }, dataDir, sentinels }) =>
    local({
      run,
      stateDir: join(dataDir, "local", name),
      cpus: size?.cpus,
      memoryMiB: gibToMiB(size?.memoryGiB),
      cgroupParent: size?.cgroupParent,
      sentinels,
    }),
  fake: ({ local: size }) => fake(() => new Date(), { cpus: size?.cpus }),
};

const gibToMiB = (gib: number | undefined) => (gib === undefined ? undefined : Math.floor(gib * 1024));

/** The scheduler of a cluster. Over SSH it keeps nothing between calls: lib/clusters/cluster.ts makes one for each login. */
export const schedulerFor: Make = (settings, place) => SCHEDULERS[settings.scheduler](settings, place);
