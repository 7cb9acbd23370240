// Jobs with our kind of name and no row: their sessions are made again, where that is ours to do. Whatever is left alone
// is said once and looked at again later, so that another portal's jobs cost next to nothing.
import { log } from "@/lib/log";
import type { Job } from "@/lib/scheduler/scheduler";
import { type Restored, restoreSession } from "@/lib/sessions/restore-session";

export type Orphan = { cluster: string; id: string; job: Job };

/** Anybody may give a job anybody's name: what is said of one owner's job is not said of another's. */
export const strayKey = (job: Job): string => `${job.tag} ${job.owner}`;

/** Jobs that were left alone, by key: why, and until when (by performance.now()). Kept between looks; losing it loses nothing. */
export type LeftAlone = Map<string, { why: Restored | "not asked"; untilMs: number }>;

const atOnce = 8;
/** A person may sign in for the first time, and a cluster may answer again. What is another portal's stays that. */
const pauseMs: Record<string, number> = { "of a person the portal does not know": 60_000, "not asked": 60_000 };
const longPauseMs = 600_000;

/** True when its session was made again. */
async function sweepOne(orphan: Orphan, leftAlone: LeftAlone): Promise<boolean> {
  const { id, cluster, job } = orphan;
  const facts = { session: id, cluster, job: job.id, owner: job.owner };
  let why: Restored | "not asked" = "not asked";
  let problem: unknown;
  try {
    why = await restoreSession(orphan);
  } catch (error) {
    problem = error;
  }
  if (why === "restored") {
    leftAlone.delete(strayKey(job));
    log().info(facts, "reconciler.session-restored");
    return true;
  }
  const known = leftAlone.get(strayKey(job))?.why;
  if (known !== why) log().warn({ ...facts, why, err: problem }, "reconciler.job-left-alone");
  leftAlone.set(strayKey(job), { why, untilMs: performance.now() + (pauseMs[why] ?? longPauseMs) });
  return false;
}

/** Jobs of one name, oldest first: the first whose record holds is the one. */
async function sweepSame(same: Orphan[], leftAlone: LeftAlone): Promise<void> {
  for (const orphan of same) if (await sweepOne(orphan, leftAlone)) return;
}

/** Goes through `orphans`, some at a time, until `signal` aborts. Never throws: one person's home that hangs holds up nobody else. */
export async function sweepOrphans(orphans: Orphan[], leftAlone: LeftAlone, signal: AbortSignal): Promise<void> {
  const groups = [...Map.groupBy(orphans, ({ id }) => id).values()];
  for (let at = 0; at < groups.length && !signal.aborted; at += atOnce) {
    await Promise.all(groups.slice(at, at + atOnce).map((same) => sweepSame(same, leftAlone)));
  }
}
