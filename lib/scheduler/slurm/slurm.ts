// Slurm 22.05 and later as a Scheduler, through its commands: squeue, sbatch, scancel, scontrol, sacct, sacctmgr.
// Questions that concern everybody run as the poller, everything a person does runs as that person.
import type { Scheduler } from "@/lib/scheduler/scheduler";
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

/** A Slurm cluster behind `run`. */
export function slurm(options: SlurmOptions): Scheduler {
  const commands = slurmCommands(options);
  const { accounting, poller } = options;
  return {
    submit: (spec) => submit(commands, spec),
    jobs: async ({ owner }) => {
      const mark = newMark();
      const whose = owner ? [`--user=${owner}`] : [];
      const args = ["-h", ...whose, "--states=all", `--format=${queueFormat(mark)}`];
      const user = owner ?? poller;
      return parseQueue(await commands.ask("squeue", args, { user, maxBytes: QUEUE_MAX_BYTES }), mark, !owner);
    },
    find: (owner, tag) => find(commands, { owner, tag, accounting }),
    control: (owner, id, action) => control(commands, owner, { id, action }),
    history: (query) => (accounting ? history(commands, query) : recentHistory(commands, query)),
    facts: () => facts(commands, accounting),
    access: (owner) => access(commands, owner, accounting),
    everyonesAccess: () => everyonesAccess(commands, accounting),
    estimate: (spec) => estimate(commands, spec),
    // srun(1): --overlap shares what the job's own step holds, and --pty gives the step a terminal.
    enter: (id, argv) => commands.argv("srun", [`--jobid=${checkedJobId(id)}`, "--overlap", "--pty", "--", ...argv]),
    preview: (spec) =>
      commands.argv("sbatch", submitOptions(spec)).map((argument) => readable(argument, spec.directory)),
  };
}

/** What a person reads has the directory as it was asked for; `~/` becomes absolute on the login node. */
const readable = (argument: string, directory: string) => argument.replace(DIRECTORY, directory);
