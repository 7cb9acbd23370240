// Jobs that no open session accounts for. One that came late, after its session had been given up and cleaned: the session
// stays ended, but is looked after again until the job is cancelled and its traces are removed. One without any row is
// what a restored backup has forgotten, or another portal's: sweep-orphans.ts tells which.
import { db, transaction } from "@/lib/db";
import { isLive, type JobsByTag } from "@/lib/reconciler/choose-job";
import { commitIn } from "@/lib/reconciler/commit";
import { type LeftAlone, type Orphan, strayKey } from "@/lib/reconciler/sweep-orphans";
import type { Job } from "@/lib/scheduler/scheduler";
import { type SessionRow, sessionsById } from "@/lib/sessions/store";
import { tagOf } from "@/lib/templates/to-job-spec";

const idOf = (tag: string): string => tag.slice(tagOf("").length);

type Late = {
  cluster: string;
  open: SessionRow[];
  jobs: JobsByTag;
  leftAlone: LeftAlone;
};

/** Live jobs that nobody looks after and that are due to be looked at; of one tag and owner the oldest. */
function strays({ open, jobs, leftAlone }: Late): Job[] {
  const watched = new Set(open.map((row) => tagOf(row.id)));
  for (const key of leftAlone.keys()) if (!jobs.has(key.split(" ")[0] ?? "")) leftAlone.delete(key);
  const due = (job: Job) => isLive(job) && (leftAlone.get(strayKey(job))?.untilMs ?? 0) <= performance.now();
  const found = [...jobs].filter(([tag]) => !watched.has(tag)).flatMap(([, same]) => same.filter(due));
  const oldestFirst = found.toSorted((a, b) => a.submittedAt.getTime() - b.submittedAt.getTime());
  return [...new Map(oldestFirst.toReversed().map((job) => [strayKey(job), job])).values()].toReversed();
}

/** Reopens what came late. Answers the jobs that have no row at all, oldest first. */
export async function reopenLate(late: Late): Promise<Orphan[]> {
  const found = strays(late);
  if (found.length === 0) return [];
  const { cluster } = late;
  const rows = await sessionsById(db(), cluster, [...new Set(found.map(({ tag }) => idOf(tag)))]);
  for (const row of rows) {
    const job = found.find(({ tag, owner }) => tag === tagOf(row.id) && owner === row.unixAccount);
    // A session made since the rows were read is seen with the next look.
    if (!job || row.state !== "ended") continue;
    const patch = { jobId: job.id, cleanedAt: null, nextCleanAt: null };
    await transaction((tx) => commitIn(tx, row, { patch, event: "session.job-came-late" }));
  }
  const known = new Set(rows.map((row) => tagOf(row.id)));
  return found.filter(({ tag }) => !known.has(tag)).map((job) => ({ cluster, id: idOf(job.tag), job }));
}
