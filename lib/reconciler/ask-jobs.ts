// The one question of a tick: everybody's jobs, or, where the poller sees only its own, one question for each person with
// open sessions. A person who cannot be asked (an account that is gone, a home that hangs) holds up nobody else.
import { cluster } from "@/lib/clusters/cluster";
import type { Job } from "@/lib/scheduler/scheduler";
import type { SessionRow } from "@/lib/sessions/store";

/** People asked at the same time. */
const atOnce = 8;

/** `silent`: accounts that could not be asked. */
export type Asked = { jobs: Job[]; silent: string[] };

/** Throws when the scheduler answers nobody. */
export async function askJobs(name: string, rows: SessionRow[]): Promise<Asked> {
  const { scheduler, config: settings } = cluster(name);
  if (settings.poll === "all") return { jobs: await scheduler.jobs({}), silent: [] };
  const owners = [...new Set(rows.map((row) => row.unixAccount))];
  const answers: PromiseSettledResult<Job[]>[] = [];
  for (let at = 0; at < owners.length; at += atOnce) {
    const some = owners.slice(at, at + atOnce).map((owner) => scheduler.jobs({ owner }));
    answers.push(...(await Promise.allSettled(some)));
  }
  const failed = answers.find((answer) => answer.status === "rejected");
  const silent = owners.filter((_, index) => answers[index]?.status === "rejected");
  if (failed && silent.length === owners.length) throw failed.reason;
  return { jobs: answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : [])), silent };
}
