// Submitting: stage the files and run sbatch in one exchange as the owner, then tell a certain no from an uncertain one.
import { isAccountRefused, isPortalError, PortalError } from "@/lib/errors";
import type { Estimate, JobSpec, Submitted } from "@/lib/scheduler/scheduler";
import { type Staged, stageFiles, unstage } from "@/lib/scheduler/stage";
import { CLEAR_SLURM } from "@/lib/scheduler/stage-script";
import type { SlurmCommands } from "./commands";
import { instant } from "./fields";
import { firstOfHostlist } from "./hostlist";
import { resourceOptions, submitOptions } from "./options";

/** Above 3 x MessageTimeout (10 s unless a site changed it): sbatch itself gives up before we do. */
export const SUBMIT_SECONDS = 40;

/**
 * Words after which a job may exist all the same: the request may have arrived although the answer did not.
 * Source: the communication errors (1000 to 1999) and operating system errors of slurm_errno.
 */
const UNCERTAIN = [
  /socket timed out/i,
  /unable to contact slurm controller/i,
  /zero bytes were transmitted/i,
  /(message|communication) \w+ failure/i,
  /unexpected message received/i,
  /insane message length/i,
  /backup controller in standby/i,
  /connection (refused|reset|timed out)/i,
  /transport endpoint|broken pipe|no route to host|network is unreachable/i,
  /resource temporarily unavailable/i,
  // munge is down: nothing can be known until it is back.
  /authentication (error|credential)|munge (en|de)code failed/i,
];

/** sbatch notes every retry; only how it ended counts. "Unspecified error" is what a site's submit filter says: a no. */
function mayHaveArrived(words: string): boolean {
  const last = words.split("\n").findLast((line) => line.includes("submission failed:"));
  return UNCERTAIN.some((pattern) => pattern.test(last ?? words));
}

export async function submit(commands: SlurmCommands, spec: JobSpec): Promise<Submitted> {
  const { owner, tag, directory, files, environment } = spec;
  const command = commands.argv("sbatch", submitOptions(spec));
  try {
    const staging = { owner, tag, directory, files, environment, command, timeoutSeconds: SUBMIT_SECONDS };
    const staged = await stageFiles(commands.run, staging);
    const submitted = outcome(staged);
    // Nothing half-created stays behind. That it is gone is not worth failing for: the no is certain all the same.
    if (staged.outcome === "ran" && submitted.outcome === "rejected") {
      await unstage(commands.run, { owner, tag, directory: staged.directory }).catch(() => undefined);
    }
    return submitted;
  } catch (error) {
    // Cut off: sbatch may have been started. Not let in, nothing was; anything else (a request that is not well formed) is the
    // caller's fault.
    if (isAccountRefused(error) || !isUncertain(error)) throw error;
    return { outcome: "unknown", words: wordsOf(error) };
  }
}

const NEVER_CUT_OFF = new Set(["invalid", "internal", "forbidden", "not_found"]);
const isUncertain = (error: unknown) => !(isPortalError(error) && NEVER_CUT_OFF.has(error.code));
const wordsOf = (error: unknown) =>
  isPortalError(error) ? (error.words ?? error.message) : error instanceof Error ? error.message : String(error);

function outcome(staged: Staged): Submitted {
  if (staged.outcome === "started") return { outcome: "unknown", words: staged.words };
  if (staged.outcome === "refused") return { outcome: "rejected", words: staged.words };
  const { directory, code, stdout, stderr } = staged;
  // Only stdout speaks of the id: `123` or `123;cluster`. Notes about retries go to stderr and mean nothing.
  const jobId = /^(\d{1,12})(?:;\S+)?$/m.exec(stdout)?.[1];
  if (code === 0 && jobId) return { outcome: "accepted", jobId, directory };
  const words = stderr.trim().slice(0, 2000);
  if (code === 0 || code > 127 || code < 0 || words === "" || mayHaveArrived(words)) {
    return { outcome: "unknown", words: words || `sbatch ended with code ${code} and said nothing.` };
  }
  return { outcome: "rejected", words };
}

/** "Job 9 to start at 1790000000 using 1 processors on nodes cpu1 in partition cpu", printed on stderr. */
const FORECAST = /to start at (\S+) using .*? on nodes? (\S+)/;

/** Of what is said about a request that is only tried: more than any site's notes and a long list of nodes take. */
const ESTIMATE_WORDS = 8192;

const ESTIMATE_SCRIPT = `${CLEAR_SLURM}exec "$@"`;

/** Asks the controller without submitting: sbatch(1) "--test-only". */
export async function estimate(commands: SlurmCommands, spec: JobSpec): Promise<Estimate> {
  const argv = commands.argv("sbatch", ["--test-only", ...resourceOptions(spec)]);
  const timed = argv[0] === "env" ? argv.slice(1) : argv;
  const stdin = new TextEncoder().encode("#!/bin/sh\n");
  const asked = ["/bin/sh", "-c", ESTIMATE_SCRIPT, "sh", "env", "SLURM_TIME_FORMAT=%s", ...timed];
  const result = await commands.run(asked, { user: spec.owner, stdin });
  const words = new TextDecoder().decode(result.stderr.subarray(0, ESTIMATE_WORDS)).trim();
  const forecast = FORECAST.exec(words);
  if (result.code === 0) {
    const [, start = "", nodes = ""] = forecast ?? [];
    return { accepted: true, expectedStartAt: instant(start), node: firstOfHostlist(nodes), words };
  }
  if (mayHaveArrived(words)) throw new PortalError("cluster", "Slurm does not answer.", { words });
  return { accepted: false, words };
}
