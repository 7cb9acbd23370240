// The usage record of a session that has ended: one per session, also for one that never had a job (then of 0 seconds).
import type { Tx } from "@/lib/db";
import type { FinishedJob } from "@/lib/scheduler/scheduler";
import { mostSeconds } from "@/lib/sessions/rules";
import { type SessionRow, writeUsage } from "@/lib/sessions/store";

/** Writes the record of `row`, which has ended; `measured` is what accounting knows. Doing it again changes nothing. */
export async function recordUsage(tx: Tx, row: SessionRow, measured?: FinishedJob): Promise<void> {
  const { id: sessionId, ownerId: userId, cluster, partition, account, startedAt, nodes } = row;
  const endedAt = row.endedAt ?? new Date();
  const lastSeconds = startedAt ? Math.max(0, Math.round((endedAt.getTime() - startedAt.getTime()) / 1000)) : 0;
  const seconds = Math.min(mostSeconds, row.earlierSeconds + lastSeconds);
  await writeUsage(tx, {
    ...{ sessionId, userId, cluster, partition, account, startedAt, endedAt, seconds },
    ...{ cpus: nodes * row.cpus, memoryGiB: nodes * row.memoryGiB, gpus: nodes * row.gpus },
    maxMemoryMiB: measured?.maxMemoryMiB ?? null,
    cpuSeconds: measured?.cpuSeconds ?? null,
  });
}
