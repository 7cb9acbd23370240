// A job that came late: its session had been given up and cleaned, then the scheduler took the job after all. The session
// stays ended, but is looked after again until the job is cancelled and its traces are removed. Jobs that no row of ours
// knows are another portal's, or of before a restored backup: they are left alone.
import { db, transaction } from "@/lib/db";
import { isLive, type JobsByTag } from "@/lib/reconciler/choose-job";
import { commitIn } from "@/lib/reconciler/commit";
import { type SessionRow, sessionsById } from "@/lib/sessions/store";
import { tagOf } from "@/lib/templates/to-job-spec";

const idOf = (tag: string): string => tag.slice(tagOf("").length);

type Late = {
  cluster: string;
  open: SessionRow[];
  jobs: JobsByTag;
  /** Tags known to be nobody's of ours; kept between looks, so that another portal's jobs cost no query. */
  foreign: Set<string>;
};

export async function reopenLate({ cluster, open, jobs, foreign }: Late): Promise<void> {
  const watched = new Set(open.map((row) => tagOf(row.id)));
  const tags = [...jobs].filter(([tag, same]) => !watched.has(tag) && same.some(isLive)).map(([tag]) => tag);
  for (const tag of foreign) if (!jobs.has(tag)) foreign.delete(tag);
  const unknown = tags.filter((tag) => !foreign.has(tag));
  if (unknown.length === 0) return;
  const rows = await sessionsById(db(), cluster, unknown.map(idOf));
  const known = new Set(rows.map((row) => tagOf(row.id)));
  for (const tag of unknown) if (!known.has(tag)) foreign.add(tag);
  for (const row of rows) {
    const job = jobs.get(tagOf(row.id))?.find((one) => isLive(one) && one.owner === row.unixAccount);
    // A session made since the rows were read is seen with the next look.
    if (!job || row.state !== "ended") continue;
    const patch = { jobId: job.id, cleanedAt: null, nextCleanAt: null };
    await transaction((tx) => commitIn(tx, row, { patch, event: "session.job-came-late" }));
  }
}
