// What is free on a partition, as numbers for bars and words. Pure.
import type { PartitionView } from "@/lib/clusters/schema";

export type Capacity = { kind: "cores" | "gpus"; type: string; free: number; total: number };

/** GPUs first, where there are any: they are what people come to such a partition for. */
export function capacity(partition: Pick<PartitionView, "cpusFree" | "cpusTotal" | "gpus">): Capacity[] {
  const gpus = partition.gpus.map(({ type, free, total }): Capacity => ({ kind: "gpus", type, free, total }));
  return [...gpus, { kind: "cores", type: "", free: partition.cpusFree, total: partition.cpusTotal }];
}

/** True while jobs only wait: all nodes of the partition are down, drained or in maintenance. */
export const takesNoneNow = ({ up, cpusTotal }: Pick<PartitionView, "up" | "cpusTotal">): boolean =>
  up && cpusTotal === 0;

/** Why a person with `account` cannot use the partition; null when nothing is known to be in the way. */
export function closedFor(
  partition: Pick<PartitionView, "up" | "allowAccounts">,
  account: string,
): "down" | "account" | null {
  if (!partition.up) return "down";
  const { allowAccounts } = partition;
  const isNamed = allowAccounts.some((name) => name.toLowerCase() === account.toLowerCase());
  return allowAccounts.length > 0 && account !== "" && !isNamed ? "account" : null;
}
