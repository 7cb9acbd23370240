// The one question of a tick: everybody's jobs, or, where the poller sees only its own, one question for each person with
// open sessions. A person who cannot be asked (an account that is gone, a home that hangs) holds up nobody else for longer than
// a look at a busy cluster takes twice.
import { type Cluster, cluster } from "@/lib/clusters/cluster";
import { deadline, until } from "@/lib/clusters/deadline";
import { config } from "@/lib/config";
import { PortalError } from "@/lib/errors";
import { once } from "@/lib/once";
import type { Job } from "@/lib/scheduler/scheduler";
import type { SessionRow } from "@/lib/sessions/store";

/** People asked at the same time. */
const atOnce = 8;

/** `silent`: accounts that could not be asked. */
export type Asked = { jobs: Job[]; silent: string[] };

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

/** Throws when the scheduler answers nobody. */
export async function askJobs(name: string, rows: SessionRow[]): Promise<Asked> {
  const where = cluster(name);
  if (where.config.poll === "all") return { jobs: await where.scheduler.jobs({}), silent: [] };
  const owners = [...new Set(rows.map((row) => row.unixAccount))];
  const answers: PromiseSettledResult<Job[]>[] = [];
  for (let at = 0; at < owners.length; at += atOnce) {
    const some = owners.slice(at, at + atOnce).map((owner) => askOne(where, owner));
    answers.push(...(await Promise.allSettled(some)));
  }
  const failed = answers.find((answer) => answer.status === "rejected");
  const silent = owners.filter((_, index) => answers[index]?.status === "rejected");
  if (failed && silent.length === owners.length) throw failed.reason;
  return { jobs: answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : [])), silent };
}
