// What each cluster last answered: kept for every replica, and for the time it does not answer.
import type { Tx } from "@/lib/db";
import type { ClusterFacts } from "@/lib/scheduler/scheduler";
import type { Prisma } from "@/prisma/generated/client";

/** Template name -> what probing found. */
export type Probes = Record<
  string,
  { available: boolean; missing: string | null; hint: string | null; found: Record<string, string> }
>;

export type Snapshot = {
  facts: ClusterFacts | null;
  factsAt: Date | null;
  answeredAt: Date | null;
  failedSince: Date | null;
  error: string | null;
  probes: Probes | null;
  probesAt: Date | null;
};

const empty: Snapshot = {
  facts: null,
  factsAt: null,
  answeredAt: null,
  failedSince: null,
  error: null,
  probes: null,
  probesAt: null,
};

/** The last answer of a cluster; all null before the first. */
export async function readSnapshot(tx: Tx, cluster: string): Promise<Snapshot> {
  const row = await tx.clusterSnapshot.findUnique({ where: { cluster } });
  if (!row) return empty;
  // Both columns are written only by writeSnapshot below, from these types.
  return { ...row, facts: row.facts as ClusterFacts | null, probes: row.probes as Probes | null };
}

/** Merges `change` into the snapshot. */
export async function writeSnapshot(tx: Tx, cluster: string, change: Partial<Snapshot>): Promise<void> {
  // JSON columns take plain JSON: facts and probes hold only that, and are never set back to null.
  const data = change as Prisma.ClusterSnapshotUncheckedUpdateInput;
  await tx.clusterSnapshot.upsert({ where: { cluster }, update: data, create: { ...(data as object), cluster } });
}

/** A fact of this installation; `initial` is kept the first time. */
export async function readSetting(tx: Tx, key: string, initial: string): Promise<string> {
  await tx.setting.createMany({ data: [{ key, value: initial }], skipDuplicates: true });
  const row = await tx.setting.findUniqueOrThrow({ where: { key } });
  return String(row.value);
}
