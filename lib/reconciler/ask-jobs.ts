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

/** The jobs of one person. Whoever did not answer in time counts as silent, and is not asked once more before they have. */
async function askOne({ config: { name }, scheduler }: Cluster, owner: string): Promise<Job[]> {
  const asked = once("reconciler.asked", () => new Set<string>());
  const who = `${name}/${owner}`;
  if (asked.has(who)) throw late();
  asked.add(who);
  const answer = scheduler.jobs({ owner }).finally(() => asked.delete(who));
  const { signal, clear } = deadline(2 * config().waits.busyPollSeconds);
  return until(answer, signal, late).finally(clear);
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
