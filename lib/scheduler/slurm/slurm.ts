// Slurm 22.05 and later as a Scheduler, through its commands: squeue, sbatch, scancel, scontrol, sacct, sacctmgr.
// Questions that concern everybody run as the poller, everything a person does runs as that person.
import type { Job, Scheduler } from "@/lib/scheduler/scheduler";
import { DIRECTORY } from "@/lib/scheduler/stage";
import { access, everyonesAccess } from "./access";
import { type CommandOptions, checkedJobId, slurmCommands } from "./commands";
import { control } from "./control";
import { facts } from "./facts";
import { find } from "./find";
import { history } from "./history";
import { recentHistory } from "./job-record";
import { submitOptions } from "./options";
import { newMark, parseQueue, queueFormat } from "./queue";
import { estimate, submit } from "./submit";

export type SlurmOptions = CommandOptions & {
  /** Whether slurmdbd keeps the history. Without it a job's end is known for MinJobAge only. */
  accounting: boolean;
};

/** 50,000 jobs are about 20 MiB of answer. */
const QUEUE_MAX_BYTES = 256 * 2 ** 20;
/** 16,000 jobs. Whoever is asked may have a squeue of their own, which prints for ever. */
const OWN_QUEUE_MAX_BYTES = 8 * 2 ** 20;

/** For facts a look at the queue is news for so long, and the controller's configuration for so long. */
const QUEUE_NEWS_MS = 150_000;
const CONFIG_NEWS_MS = 1_800_000;

type News<T> = { value: T; at: number } | null;
const fresh = <T>(news: News<T>, maxAgeMs: number): T | null =>
  news && performance.now() - news.at < maxAgeMs ? news.value : null;

/** As squeue's %t, as far as counting needs it. Ended jobs are not in the queue. */
const stateWords = (jobs: Job[]): string =>
  jobs
    .filter((job) => job.state !== "ended")
    .map((job) => (job.state === "queued" || job.state === "held" ? "PD" : "R"))
    .join("\n");

/** Of srun(1): --overlap shares what the job's own step holds. One task: else each node of the job would have a shell. */
const inside = (id: string): string[] => [`--jobid=${checkedJobId(id)}`, "--overlap", "--nodes=1", "--ntasks=1"];

/** A Slurm cluster behind `run`. */
export function slurm(options: SlurmOptions): Scheduler {
  const commands = slurmCommands(options);
  const { accounting, poller } = options;
  let seen: News<string> = null;
  let configured: News<string> = null;
  const config = async () => {
    const known = fresh(configured, CONFIG_NEWS_MS);
    if (known !== null) return known;
    const value = await commands.ask("scontrol", ["show", "config"], { user: poller });
    configured = { value, at: performance.now() };
    return value;
  };
  return {
    submit: (spec) => submit(commands, spec),
    jobs: async ({ owner }) => {
      const mark = newMark();
      const whose = owner ? [`--user=${owner}`] : [];
      const args = ["-h", "--all", ...whose, "--states=all", `--format=${queueFormat(mark)}`];
      const asked = owner
        ? { user: owner, maxBytes: OWN_QUEUE_MAX_BYTES }
        : { user: poller, maxBytes: QUEUE_MAX_BYTES };
      const jobs = parseQueue(await commands.ask("squeue", args, asked), mark, !owner);
      // What somebody's own squeue says of others is nobody's word.
      if (owner) return jobs.filter((job) => job.owner === owner);
      seen = { value: stateWords(jobs), at: performance.now() };
      return jobs;
    },
    find: (owner, tag) => find(commands, { owner, tag, accounting }),
    control: (owner, id, action) => control(commands, owner, { id, action }),
    history: (query) => (accounting ? history(commands, query) : recentHistory(commands, query)),
    facts: () => facts(commands, { accounting, config, states: fresh(seen, QUEUE_NEWS_MS) }),
    access: (owner) => access(commands, owner, accounting),
    everyonesAccess: () => everyonesAccess(commands, { accounting, config }),
    estimate: (spec) => estimate(commands, spec),
    federation: async () => {
      const answer = await commands.ask("scontrol", ["show", "federation"], { user: poller });
      return /^Federation:\s*(\S+)/m.exec(answer)?.[1] ?? null;
    },
    enter: (id, argv) => commands.argv("srun", [...inside(id), "--pty", "--", ...argv]),
    refusesToEnter: async (owner, id) => {
      const { code, stderr } = await commands.run(commands.argv("srun", [...inside(id), "--", "true"]), {
        user: owner,
      });
      return code === 0 ? null : new TextDecoder().decode(stderr).trim().slice(0, 2000) || `exit code ${code}`;
    },
    preview: (spec) =>
      commands.argv("sbatch", submitOptions(spec)).map((argument) => readable(argument, spec.directory)),
  };
}

/** What a person reads has the directory as it was asked for; `~/` becomes absolute on the login node. */
const readable = (argument: string, directory: string) => argument.replace(DIRECTORY, directory);
