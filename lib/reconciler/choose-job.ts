// Which of the queue's jobs is a session's: by tag and owner, so that nobody's job poses as somebody else's. Almost always
// there is one. After an answer that was lost there may be two: the one that started first holds the session's claim.
import type { Job } from "@/lib/scheduler/scheduler";
import type { SessionRow } from "@/lib/sessions/store";
import { tagOf } from "@/lib/templates/to-job-spec";

export type JobsByTag = Map<string, Job[]>;

/** Once for a whole answer: an answer may hold 50,000 jobs, and there may be hundreds of sessions. */
export function byTag(jobs: Job[]): JobsByTag {
  return Map.groupBy(
    jobs.filter((job) => job.tag.startsWith("berth-")),
    (job) => job.tag,
  );
}

export const isLive = (job: Job): boolean => job.state !== "ended" && job.state !== "completing";

const startOf = (job: Job): number => job.startedAt?.getTime() ?? Number.POSITIVE_INFINITY;

/** What started comes before what waits; of equals the one that the row knows, then the older. */
function inOrder(row: SessionRow): (a: Job, b: Job) => number {
  return (a, b) =>
    Math.sign(startOf(a) - startOf(b)) ||
    Number(b.id === row.jobId) - Number(a.id === row.jobId) ||
    Number.parseInt(a.id, 10) - Number.parseInt(b.id, 10);
}

/** The session's job, null when the answer does not show it, and the ids of live ones that must go. */
export function chooseJob(row: SessionRow, jobs: JobsByTag): { job: Job | null; surplus: string[] } {
  const own = (jobs.get(tagOf(row.id)) ?? []).filter((job) => job.owner === row.unixAccount);
  const there = own.filter((job) => job.state !== "ended").toSorted(inOrder(row));
  const started = there.find((job) => job.startedAt !== null);
  // A copy that still waits never held the claim, so it says nothing about a job of the row's that has run and ended.
  const job = started ?? endedJob(row, own) ?? there[0] ?? null;
  // Of two that started in the same second nobody can tell which holds the claim: the other ends by itself at once.
  const twin = (one: Job) => one.startedAt !== null && job !== null && startOf(one) === startOf(job);
  const surplus = there.filter((one) => one !== job && isLive(one) && !twin(one)).map((one) => one.id);
  return { job, surplus };
}

/** Slurm keeps a FAILED record of some submits that it refused: that was never a job. */
function endedJob(row: SessionRow, own: Job[]): Job | null {
  if (row.jobId !== null) return own.findLast((job) => job.id === row.jobId) ?? null;
  return own.findLast((job) => job.end !== "failed" || job.nodes.length > 0) ?? null;
}
