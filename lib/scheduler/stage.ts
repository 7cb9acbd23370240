// Makes a job's directory on the cluster and runs one command in it, in one exchange as the owner. Both real schedulers
// submit through this. The one thing to know: only the outcome "ran" means that the command was started at all.
import type { Run } from "@/lib/clusters/run";
import { PortalError } from "@/lib/errors";
import type { JobFile, JobSpec } from "./scheduler";
import { ALREADY_STARTED, STAGE_SCRIPT } from "./stage-script";
import { tar } from "./tar";

export { DIRECTORY } from "./stage-script";

export type Staging = Pick<JobSpec, "owner" | "tag" | "directory" | "files" | "environment"> & {
  /** Run in the directory; DIRECTORY anywhere in an argument (once) stands for its absolute path. */
  command: string[];
  timeoutSeconds: number;
};

export type Staged =
  /** The command was started and ended with this code. */
  | { outcome: "ran"; directory: string; code: number; stdout: string; stderr: string }
  /** The file system said no; the command was not started and nothing is left of a directory we made. */
  | { outcome: "refused"; words: string }
  /** The directory holds a `claim`: a job of this tag has started already. */
  | { outcome: "started"; words: string };

/** What the command, or the person's own shell before it, may say in all; and how much of it is of use. */
const MAX_BYTES = 2 ** 20;
const WORDS = 2000;
/** PATH_MAX of Linux. */
const LONGEST_PATH = 4096;

/** Name of the file with the environment: NUL-separated NAME=value, BERTH_UMASK and BERTH_JOB_DIR last. */
export const ENVIRONMENT_FILE = "environment";

/** Names that files of a job may not have: ours, the log, and what a started job writes first. */
const RESERVED = new Set([ENVIRONMENT_FILE, "tag", "claim", "log"]);

/**
 * Writes the files (0600) into the directory (0700, parents too) and runs the command there. Doing it again with the
 * same tag is fine until the job has started. Throws what `run` throws: then nobody knows how far it came.
 */
export async function stageFiles(run: Run, staging: Staging): Promise<Staged> {
  const { owner, tag, directory, command, timeoutSeconds } = staging;
  const argv = ["/bin/sh", "-c", STAGE_SCRIPT, "sh", directory, tag, "--", ...command];
  const result = await run(argv, { user: owner, stdin: payload(staging), maxBytes: MAX_BYTES, timeoutSeconds });
  const [stdout, stderr] = [text(result.stdout), text(result.stderr)];
  const started = /^directory (\/.*)\n/.exec(stdout);
  if (started?.[1]) {
    // No path is that long: it is not our script that speaks.
    if (started[1].length > LONGEST_PATH) throw new PortalError("cluster", "The job's directory has no usable path.");
    return {
      outcome: "ran",
      directory: started[1],
      code: result.code,
      stdout: stdout.slice(started[0].length),
      stderr,
    };
  }
  const words = stderr.trim().slice(0, WORDS) || `The directory could not be made (exit code ${result.code}).`;
  return { outcome: result.code === ALREADY_STARTED ? "started" : "refused", words };
}

const UNSTAGE_SCRIPT = `
cd -- "$1" && [ "$(cat tag)" = "$2" ] && [ ! -e claim ] && cd / && rm -rf -- "$1"
`;

/** Removes a directory that was staged for `tag` and in which no job has started: after a certain no. */
export async function unstage(run: Run, { owner, tag, directory }: { owner: string; tag: string; directory: string }) {
  await run(["/bin/sh", "-c", UNSTAGE_SCRIPT, "sh", directory, tag], { user: owner });
}

function payload(staging: Staging): Uint8Array {
  const clash = staging.files.find((file) => RESERVED.has(file.name));
  if (clash) throw new PortalError("internal", `A job may not bring a file called "${clash.name}".`);
  return tar([...staging.files, environmentFile(staging.environment)]);
}

/** The form that `sbatch --export-file` reads: any byte survives except NUL, which ends a value. */
function environmentFile(environment: Record<string, string>): JobFile {
  const entries = Object.entries(environment);
  const wrong = entries.find(([name, value]) => !/^[A-Z_][A-Z0-9_]*$/.test(name) || value.includes("\0"));
  if (wrong) throw new PortalError("invalid", `Not a usable environment variable: ${wrong[0]}`);
  const content = entries.map(([name, value]) => `${name}=${value}\0`).join("");
  return { name: ENVIRONMENT_FILE, content: new TextEncoder().encode(content) };
}

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
