// The one question of a tick: everybody's jobs, or, where the poller sees only its own, one question for each person with
// open sessions. A person who cannot be asked (an account that is gone, a home that hangs) holds up nobody else for longer than
// a look at a busy cluster takes twice.
import { type Cluster, cluster } from "@/lib/clusters/cluster";
import { deadline, until } from "@/lib/clusters/deadline";
import { config } from "@/lib/config";
import { isAccountRefused, PortalError } from "@/lib/errors";
import { once } from "@/lib/once";
import type { Job } from "@/lib/scheduler/scheduler";
import type { SessionRow } from "@/lib/sessions/store";

/** People asked at the same time. */
const atOnce = 8;

/** Whoever is not let in is asked again after 5, 10, 20 ... 300 s: each time counts as a failed login there. */
const longestPauseSeconds = 300;

/** `silent`: accounts that could not be asked, and why. */
export type Asked = { jobs: Job[]; silent: Map<string, unknown> };

const late = () => new PortalError("cluster_timeout", "This person's login takes too long.");

/**
 * The jobs of one person. Whoever does not answer in time counts as silent, and is not asked once more: the next look waits
 * for the same answer, so that somebody who is always slow is seen all the same. What it says is how things were when it came.
 */
async function askOne({ config: { name }, scheduler }: Cluster, owner: string): Promise<Job[]> {
  const asked = once("reconciler.asked", () => new Map<string, Promise<Job[]>>());
  const who = `${name}/${owner}`;
  const answer = asked.get(who) ?? scheduler.jobs({ owner });
  asked.set(who, answer);
  const { signal, clear } = deadline(2 * config().waits.busyPollSeconds);
  let isLate = false;
  try {
    return await until(answer, signal, () => {
      isLate = true;
      return late();
    });
  } finally {
    clear();
    if (!isLate) asked.delete(who);
  }
}

type Refusal = { error: unknown; times: number; at: Date; untilMs: number };

/** Whether anything of theirs was accepted or to be stopped after `at`: who is let in again is to be seen at once. */
const actedSince = (at: Date, theirs: SessionRow[]): boolean =>
  theirs.some(
    ({ queuedAt, stopRequestedAt }) => (queuedAt && queuedAt > at) || (stopRequestedAt && stopRequestedAt > at),
  );

/** As askOne, but a refusal is remembered for a while. */
async function askUnlessRefused(where: Cluster, owner: string, theirs: SessionRow[]): Promise<Job[]> {
  const refusals = once("reconciler.refused", () => new Map<string, Refusal>());
  const who = `${where.config.name}/${owner}`;
  const known = refusals.get(who);
  if (known && known.untilMs > performance.now() && !actedSince(known.at, theirs)) throw known.error;
  try {
    const jobs = await askOne(where, owner);
    refusals.delete(who);
    return jobs;
  } catch (error) {
    if (!isAccountRefused(error)) throw error;
    const times = (known?.times ?? 0) + 1;
    const seconds = Math.min(longestPauseSeconds, config().waits.busyPollSeconds * 2 ** Math.min(times, 10));
    refusals.set(who, { error, times, at: new Date(), untilMs: performance.now() + seconds * 1000 });
    throw error;
  }
}

/** Throws when the scheduler answers nobody; that somebody is not let in says nothing of it. */
export async function askJobs(name: string, rows: SessionRow[]): Promise<Asked> {
  const where = cluster(name);
  const silent = new Map<string, unknown>();
  if (where.config.poll === "all") return { jobs: await where.scheduler.jobs({}), silent };
  const owners = [...Map.groupBy(rows, (row) => row.unixAccount)];
  const jobs: Job[] = [];
  for (let at = 0; at < owners.length; at += atOnce) {
    const some = owners.slice(at, at + atOnce).map(async ([owner, theirs]) => {
      try {
        jobs.push(...(await askUnlessRefused(where, owner, theirs)));
      } catch (error) {
        silent.set(owner, error);
      }
    });
    await Promise.all(some);
  }
  const failures = [...silent.values()].filter((error) => !isAccountRefused(error));
  if (failures.length > 0 && silent.size === owners.length) throw failures[0];
  return { jobs, silent };
}
