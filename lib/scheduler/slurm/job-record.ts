// Where there is no accounting: how a job ended as `scontrol show job` tells it for some minutes (MinJobAge).

import { isPortalError } from "@/lib/errors";
import type { FinishedJob, HistoryQuery } from "@/lib/scheduler/scheduler";
import { checkedJobId, type SlurmCommands } from "./commands";
import { after, durationSeconds, field, instant, printable, some, whole } from "./fields";
import { expandHostlist } from "./hostlist";
import { parseRecords } from "./records";
import { jobState } from "./states";

/** One record per id that the controller still knows. Without ids there is nothing to ask for. */
export async function recentHistory(commands: SlurmCommands, query: HistoryQuery): Promise<FinishedJob[]> {
  const found = await Promise.all((query.ids ?? []).map((id) => recordOf(commands, query.owner, checkedJobId(id))));
  return found.flat().filter((job) => job.owner === query.owner && (!query.tag || job.tag === query.tag));
}

async function recordOf(commands: SlurmCommands, user: string, id: string): Promise<FinishedJob[]> {
  try {
    const records = readJobRecords(await commands.ask("scontrol", ["-o", "show", "job", id], { user }));
    // A name with a newline can forge further lines, never the first.
    return records.slice(0, 1).filter((job) => job.id === id);
  } catch (error) {
    if (isPortalError(error) && /invalid job id/i.test(error.words ?? "")) return [];
    throw error;
  }
}

/** Jobs of `scontrol -o show job`. */
export const readJobRecords = (text: string): FinishedJob[] => parseRecords(text).map(finishedJob);

function finishedJob(record: Map<string, string>): FinishedJob {
  const value = (key: string) => field(record.get(key) ?? "");
  const nodes = expandHostlist(record.get("NodeList") ?? "");
  const startedAt = nodes.length > 0 ? instant(value("StartTime")) : null;
  const { state, end } = jobState(value("JobState"), { reason: value("Reason"), started: startedAt !== null });
  const [exitCode, signal] = value("ExitCode")
    .split(":")
    .map((part) => whole(part));
  return {
    id: value("JobId"),
    tag: printable(value("JobName")),
    owner: value("UserId").replace(/\(\d+\)$/, ""),
    state,
    native: { state: value("JobState"), reason: value("Reason"), exitCode: exitCode ?? null, signal: signal || null },
    partition: some(value("Partition")),
    account: some(value("Account")),
    qos: some(value("QOS")),
    nodes,
    submittedAt: instant(value("SubmitTime")) ?? new Date(0),
    startedAt,
    limitAt: after(startedAt, durationSeconds(value("TimeLimit"))),
    endedAt: state === "ended" ? instant(value("EndTime")) : null,
    expectedStartAt: null,
    position: null,
    end,
    cancelledBy: null,
    maxMemoryMiB: null,
    cpuSeconds: null,
  };
}
