// Sessions of clusters that were taken out of portal.yaml: nobody can be asked about their jobs, which end by themselves
// at their deadline. Some time after that the session is ended here too, as lost.
import { clusterNames } from "@/lib/config";
import { db } from "@/lib/db";
import { endWith } from "@/lib/reconciler/take-step";
import type { SessionRow } from "@/lib/sessions/store";
import { sessionsElsewhere } from "@/lib/sessions/store";

/** A cluster that was left out by mistake may be put back. */
const graceMs = 3_600_000;

/** When its job is over at the latest, as far as is known; what never started is given its time from the last news. */
function dueAt(row: SessionRow): Date {
  if (row.endsAt) return row.endsAt;
  // Stored by createSession from the schema.
  const { minutes } = row.request as { minutes: number };
  return new Date(row.updatedAt.getTime() + minutes * 60_000);
}

/** Ends those whose time is over by more than an hour. */
export async function endRemoved(now: Date): Promise<void> {
  for (const row of await sessionsElsewhere(db(), clusterNames())) {
    if (now.getTime() - dueAt(row).getTime() < graceMs) continue;
    const endDetail = `Its cluster ${row.cluster} is no longer part of this portal, so nobody knows how it ended.`;
    await endWith(row, { endReason: "lost", endDetail, endedAt: dueAt(row), cleanedAt: now });
  }
}
