// How Slurm's programs are called: argv over Run, unambiguous times, and none of the variables by which somebody's
// .bashrc could change what a question means (SQUEUE_PARTITION would hide jobs).
import type { Run, RunOptions } from "@/lib/clusters/run";
import { PortalError } from "@/lib/errors";

export type SlurmProgram = "sbatch" | "squeue" | "scancel" | "scontrol" | "sacct" | "sacctmgr" | "srun";

export type SlurmCommands = {
  run: Run;
  /** Service account that asks the questions that concern everybody. */
  poller: string;
  /** argv that starts `program`, environment included. */
  argv(program: SlurmProgram, args: string[]): string[];
  /**
   * Standard output of a program that ended well, at most 1 MiB unless `maxBytes` or the poller's. Throws `cluster` with Slurm's
   * words otherwise.
   */
  ask(program: SlurmProgram, args: string[], options: Omit<RunOptions, "stdin">): Promise<string>;
};

export type CommandOptions = { run: Run; poller: string; binDir?: string | null; slurmConf?: string };

/** squeue(1), sacct(1), scontrol(1), "ENVIRONMENT VARIABLES"; SLURM_JWT makes every program demand auth/jwt. */
const DISTRACTING = [
  ...["ACCOUNT", "ALL", "ARRAY", "FEDERATION", "FORMAT", "FORMAT2", "LICENSES", "LOCAL", "NAMES", "PARTITION"],
  ...["PRIORITY", "QOS", "SIBLING", "SORT", "STATES", "USERS", "ARRAY_UNIQUE"],
].map((name) => `SQUEUE_${name}`);
/** scancel(1): with one of these it asks back for ever, or cancels nothing and says nothing. */
const SPARING = [
  ...["ACCOUNT", "BATCH", "CRON", "CTLD", "FULL", "HURRY", "INTERACTIVE", "NAME", "PARTITION", "QOS", "RESERVATION"],
  ...["SIBLING", "SIGNAL", "STATE", "USER", "VERBOSE", "WCKEY"],
].map((name) => `SCANCEL_${name}`);
const ALSO_DISTRACTING = ["SLURM_JWT", "SLURM_CLUSTERS", "SLURM_BITSTR_LEN", "SACCT_FORMAT", "SACCT_FEDERATION"];

/** Answers about one person are short, and the program that gives them may be that person's own. */
const OWN_MAX_BYTES = 2 ** 20;

/** slurm.conf(5) "FederationParameters": with fed_display they show a whole federation, unless told so. */
const SHOWING_FEDERATIONS = new Set<SlurmProgram>(["squeue", "scontrol", "sacct"]);

export function slurmCommands({ run, poller, binDir, slurmConf }: CommandOptions): SlurmCommands {
  const conf = slurmConf ? [`SLURM_CONF=${slurmConf}`] : [];
  const place = (program: SlurmProgram) => (binDir ? `${binDir.replace(/\/$/, "")}/${program}` : program);
  const unset = [...DISTRACTING, ...SPARING, ...ALSO_DISTRACTING].flatMap((name) => ["-u", name]);
  const argv: SlurmCommands["argv"] = (program, args) =>
    conf.length > 0 ? ["env", ...conf, place(program), ...args] : [place(program), ...args];
  return {
    run,
    poller,
    argv,
    ask: async (program, args, asked) => {
      const options = asked.user === poller ? asked : { maxBytes: OWN_MAX_BYTES, ...asked };
      const local = SHOWING_FEDERATIONS.has(program) ? ["--local"] : [];
      // Seconds since 1970: local times without a zone are ambiguous for an hour each autumn.
      const environment = ["env", ...unset, "SLURM_TIME_FORMAT=%s", ...conf];
      const result = await run([...environment, place(program), ...local, ...args], options);
      if (result.code !== 0) throw failure(program, result);
      return textOf(result.stdout);
    },
  };
}

/** Without NUL, which a person's own program may print and no database keeps. */
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes).replaceAll("\0", "");

function failure(program: SlurmProgram, { code, stderr }: { code: number; stderr: Uint8Array }): PortalError {
  const words = textOf(stderr).trim().slice(0, 2000) || `exit code ${code}`;
  return new PortalError("cluster", `${program} failed.`, { words });
}

/** 123, an array task 123_4 or a component 123+1 of a heterogeneous job; anything else is refused, options above all. */
export function checkedJobId(id: string): string {
  if (!/^\d{1,12}([_+]\d{1,9})?$/.test(id)) throw new PortalError("invalid", `Not a job id: ${id}`);
  return id;
}
