// What may be done to a job that exists: always as its owner, so that Slurm itself decides whether it may be.
import { isPortalError, PortalError } from "@/lib/errors";
import type { JobAction, JobId } from "@/lib/scheduler/scheduler";
import { checkedJobId, type SlurmCommands, type SlurmProgram } from "./commands";

/** Words that mean there is nothing left to cancel. */
const GONE = /already completing or completed|already finished|invalid job id/i;
const NOT_YOURS = /access\/permission denied|not permitted/i;

export async function control(commands: SlurmCommands, owner: string, request: { id: JobId; action: JobAction }) {
  const [program, args] = commandFor(checkedJobId(request.id), request.action);
  try {
    await commands.ask(program, args, { user: owner });
  } catch (error) {
    const words = isPortalError(error) ? (error.words ?? "") : "";
    if (request.action.kind === "cancel" && GONE.test(words)) return;
    if (NOT_YOURS.test(words))
      throw new PortalError("forbidden", "Slurm does not let you do that.", { words, cause: error });
    if (GONE.test(words)) throw new PortalError("conflict", `Job ${request.id} has ended.`, { words, cause: error });
    throw error;
  }
}

function commandFor(id: JobId, action: JobAction): [SlurmProgram, string[]] {
  switch (action.kind) {
    case "cancel":
      return ["scancel", [id]];
    case "limit":
      return ["scontrol", ["update", `JobId=${id}`, `TimeLimit=${Math.max(1, Math.floor(action.minutes))}`]];
    default:
      return ["scontrol", [action.kind, id]];
  }
}
