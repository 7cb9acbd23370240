// Directories of sessions that ended long ago: removed as their owners, some at a time, so that nobody's quota fills up
// with them. What cannot be removed is tried again after days.
import { clusterConfig } from "@/lib/config";
import { db } from "@/lib/db";
import { log } from "@/lib/log";
import { commit } from "@/lib/reconciler/commit";
import { removeDirectory } from "@/lib/sessions/session-files";
import { type SessionRow, sessionsToSweep } from "@/lib/sessions/store";

const dayMs = 86_400_000;
const atOnce = 4;

async function sweepOne(row: SessionRow, now: Date): Promise<void> {
  try {
    await removeDirectory(row);
    await commit(row, { directory: null }, "session.directory-removed");
  } catch (error) {
    log().warn({ err: error, session: row.id }, "reconciler.directory-stays");
    const nextCleanAt = new Date(now.getTime() + dayMs * 2 ** Math.min(row.cleanTries, 5));
    await commit(row, { cleanTries: row.cleanTries + 1, nextCleanAt }, null);
  }
}

/** Removes a few. Called once a minute for each cluster. */
export async function sweepDirectories(cluster: string, now: Date): Promise<void> {
  const before = new Date(now.getTime() - clusterConfig(cluster).keepDirectoriesDays * dayMs);
  const rows = await sessionsToSweep(db(), cluster, { before, now, limit: atOnce });
  await Promise.all(rows.map((row) => sweepOne(row, now)));
}
