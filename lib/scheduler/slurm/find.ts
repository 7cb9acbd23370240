// Looks a job up by its name, first in the queue, then in accounting: how a job is adopted whose id was never learned.
// The queue alone decides while accounting is silent: nobody waits for slurmdbd to come back.
import { isPortalError, PortalError } from "@/lib/errors";
import { log } from "@/lib/log";
import type { FinishedJob, Job, JobId } from "@/lib/scheduler/scheduler";
import type { SlurmCommands } from "./commands";
import { history } from "./history";
import { newMark, parseQueue, queueFormat } from "./queue";

/** How far back accounting is searched. Longer than anybody waits for an answer to a submit. */
const WINDOW_MS = 7 * 24 * 3_600_000;

type Wanted = { owner: string; tag: string; accounting: boolean };

/** Without -u Slurm sends every job of the cluster before it looks at names; with it the answer is 20 times faster. */
export async function find(commands: SlurmCommands, { owner, tag, accounting }: Wanted): Promise<JobId | null> {
  if (!/^[A-Za-z0-9_.-]+$/.test(tag)) throw new PortalError("invalid", `Not a job name: ${tag}`);
  const mark = newMark();
  const args = ["-h", "--all", `--user=${owner}`, `--name=${tag}`, "--states=all", `--format=${queueFormat(mark)}`];
  const inQueue = parseQueue(await commands.ask("squeue", args, { user: owner }), mark, false);
  const live = chosen(inQueue.filter((job) => job.owner === owner && job.tag === tag));
  if (live || !accounting) return live;
  return chosen(await past(commands, owner, tag));
}

/** None when accounting does not answer. squeue has just answered, so it is neither the login node nor the controller. */
async function past(commands: SlurmCommands, owner: string, tag: string): Promise<FinishedJob[]> {
  try {
    return await history(commands, { owner, tag, since: new Date(Date.now() - WINDOW_MS) });
  } catch (error) {
    if (!isPortalError(error)) throw error;
    log().warn({ err: error, tag }, "slurm.accounting-silent");
    return [];
  }
}

/** sbatch's refusal "Requested node configuration is not available" leaves a failed record that never had a node. */
const wasRefused = ({ end, native, nodes }: Job) =>
  nodes.length === 0 && (end === "failed" || native.state.startsWith("FAILED"));

/** Of several jobs with one name the one that still lives, then the first: it holds the claim. */
function chosen(jobs: Job[]): JobId | null {
  const order = (a: Job, b: Job) =>
    Number(a.state === "ended") - Number(b.state === "ended") || Number.parseInt(a.id, 10) - Number.parseInt(b.id, 10);
  return jobs.filter((job) => !wasRefused(job)).toSorted(order)[0]?.id ?? null;
}
