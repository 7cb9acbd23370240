// Changes a job that is in the queue: cancel, hold, release, a lower time limit. A running job's supervisor is told by
// signal and reads what is wanted from job.json, so a portal killed half-way has still asked.
import { PortalError } from "@/lib/errors";
import type { JobAction, JobId } from "@/lib/scheduler/scheduler";
import { signalProcess } from "./engine/identity.mjs";
import { runQueueLocked } from "./engine/queue.mjs";
import type { StoredJob } from "./engine/records.mjs";
import { changeJob, loadJob, phaseOf } from "./engine/records.mjs";
import type { LocalState } from "./state";

type Control = { owner: string; id: JobId; action: JobAction };

/** As Scheduler.control. */
export function controlJob(state: LocalState, { owner, id, action }: Control): Promise<void> {
  if (!/^[1-9][0-9]{0,14}$/.test(id)) throw new PortalError("invalid", `Not a job id: ${id}`);
  return state.locked(async () => {
    const job = loadJob(state.stateDir, id);
    if (job && job.record.owner !== owner) throw new PortalError("forbidden", `Job ${id} belongs to somebody else.`);
    if (!job || job.end) {
      if (action.kind === "cancel") return;
      throw new PortalError("not_found", `Job ${id} is not in the queue.`, { words: "Invalid job id specified" });
    }
    changeJob(state.stateDir, job, changeOf(job, action));
    signalProcess(job.supervisor?.process, "SIGUSR2");
    await runQueueLocked(state.stateDir);
  });
}

function changeOf(job: StoredJob, action: JobAction): Parameters<typeof changeJob>[2] {
  switch (action.kind) {
    case "cancel":
      return { cancel: job.record.cancel ?? { by: job.record.owner, at: new Date().toISOString() } };
    case "hold":
      return { held: stillWaits(job) };
    case "release":
      return { held: !stillWaits(job), candidate: null };
    case "limit":
      return { limitSeconds: lowered(job, Math.round(action.minutes * 60)) };
    case "requeue":
      throw refused("The local engine cannot run a job again: submit it anew.", "Requested operation not supported");
  }
}

function stillWaits(job: StoredJob): true {
  if (job.supervisor) throw refused(`Job ${job.id} has started and cannot be held or released.`, phaseOf(job));
  return true;
}

/** As in Slurm the owner may give time back, never take more: otherwise the forecast of those who wait would be a lie. */
function lowered(job: StoredJob, seconds: number): number {
  if (!(seconds > 0)) throw refused("A time limit is at least a moment.", "Requested time limit is invalid");
  if (seconds <= job.record.limitSeconds) return seconds;
  throw refused(`The time limit of job ${job.id} can only be lowered.`, "Access/permission denied");
}

const refused = (message: string, words: string) => new PortalError("conflict", message, { words });
