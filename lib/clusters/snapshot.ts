// The last answer of each cluster as this process needs it many times a second: read from the database at most every
// two seconds, however many people look.
import { readSnapshot, type Snapshot } from "@/lib/clusters/store";
import { db } from "@/lib/db";
import { once } from "@/lib/once";

const maxAgeMs = 2000;
type Held = { at: number; value: Promise<Snapshot> };

/** Snapshot of `cluster`, at most two seconds old. */
export function snapshotOf(cluster: string): Promise<Snapshot> {
  const held = once("cluster-snapshots", () => new Map<string, Held>());
  const known = held.get(cluster);
  if (known && performance.now() - known.at < maxAgeMs) return known.value;
  const value = readSnapshot(db(), cluster);
  held.set(cluster, { at: performance.now(), value });
  value.catch(() => held.delete(cluster));
  return value;
}
