// Jobs of the past, from sacct: how they ended and what they used. Job ids come round again after a counter reset, so a
// record is known by id and name, and of several the newest counts. Columns: sacct(1) "--format".
import { isPortalError, PortalError } from "@/lib/errors";
import type { FinishedJob, HistoryQuery } from "@/lib/scheduler/scheduler";
import { checkedJobId, type SlurmCommands } from "./commands";
import { after, field, instant, list, printable, sizeMiB, some, whole } from "./fields";
import { hostlistsOfOneAnswer } from "./hostlist";
import { newMark } from "./queue";
import { jobState } from "./states";

const COLUMNS = [
  ...["JobID", "User", "UID", "State", "ExitCode", "Partition", "QOS", "Submit", "Start", "End", "TimelimitRaw"],
  ...["CPUTimeRAW", "MaxRSS", "NodeList", "Reason", "Account", "JobName", "DerivedExitCode"],
] as const;
type Column = (typeof COLUMNS)[number];
type Row = Record<Column, string>;

/** Runs of one job, or jobs of one name. sacct runs in the person's own shell, and each record may lead to a question. */
const MOST_RECORDS = 50;

/** A step takes half a KiB, and slurm.conf(5) "MaxStepCount" is 40,000. */
const MOST_BYTES = 4 * 2 ** 20;

/** With its steps, which know the memory used; of a job with thousands of them, which would not be heard to their end, without. */
async function asked(commands: SlurmCommands, args: string[], user: string): Promise<string> {
  const options = { user, maxBytes: MOST_BYTES };
  try {
    return await commands.ask("sacct", args, options);
  } catch (error) {
    if (!isPortalError(error) || !error.message.includes("printed more than")) throw error;
    return await commands.ask("sacct", [...args, "--allocations"], options);
  }
}

export async function history(commands: SlurmCommands, query: HistoryQuery): Promise<FinishedJob[]> {
  const mark = newMark();
  const text = await asked(commands, historyArgs(query, mark), query.owner);
  const records = parseHistory(text, mark).filter(
    ({ owner, tag }) => owner === query.owner && (!query.tag || tag === query.tag),
  );
  return Promise.all(records.slice(-MOST_RECORDS).map((record) => withCanceller(commands, record)));
}

/** Accounting knows who cancelled by uid only; what it is called there is for the cluster to say. */
async function withCanceller(commands: SlurmCommands, record: FinishedJob): Promise<FinishedJob> {
  const uid = record.cancelledBy;
  if (!uid || !/^\d+$/.test(uid)) return record;
  // A name is not worth the record.
  const asked = commands.run(["id", "-un", "--", uid], { user: record.owner, timeoutSeconds: 5, maxBytes: 4096 });
  const answer = await asked.catch(() => null);
  const name = answer?.code === 0 ? new TextDecoder().decode(answer.stdout).trim() : "";
  return { ...record, cancelledBy: name ? printable(name) : `The account with uid ${uid}` };
}

/** -D: without it a reused id hides the older job. `uts` is Slurm's way of taking seconds since 1970. */
export function historyArgs({ owner, ids, tag, since }: HistoryQuery, mark: string): string[] {
  return [
    "-n",
    "-P",
    "-D",
    `--delimiter=${mark}`,
    `--user=${owner}`,
    `--starttime=uts${Math.floor(since.getTime() / 1000)}`,
    `--format=${COLUMNS.join(",")}`,
    ...(ids ? [`--jobs=${ids.map(checkedJobId).join(",")}`] : []),
    ...(tag ? [`--name=${tag}`] : []),
  ];
}

/** Records of sacct's answer: steps folded into their job, of one id and name only the newest. */
export function parseHistory(text: string, mark: string): FinishedJob[] {
  const groups: { job: Row; steps: Row[] }[] = [];
  for (const row of parseRows(text, mark)) {
    if (/^\d+([_+]\d+)?$/.test(row.JobID)) groups.push({ job: row, steps: [] });
    // Steps come behind their job.
    else if (row.JobID.startsWith(`${groups.at(-1)?.job.JobID}.`)) groups.at(-1)?.steps.push(row);
  }
  const newest = new Map<string, FinishedJob>();
  const expand = hostlistsOfOneAnswer();
  for (const { job, steps } of groups) {
    const record = finishedJob(job, steps, expand(job.NodeList));
    const key = `${record.id} ${job.JobName}`;
    const known = newest.get(key);
    if (!known || record.submittedAt >= known.submittedAt) newest.set(key, record);
  }
  return [...newest.values()];
}

/** A job's name may hold newlines: only the mark separates, and the last column, which is ours, ends at its newline. */
function parseRows(text: string, mark: string): Row[] {
  const parts = text.split(mark);
  const rows: Row[] = [];
  let first = parts[0] ?? "";
  for (let at = 1; at < parts.length; at += COLUMNS.length - 1) {
    const fields = parts.slice(at, at + COLUMNS.length - 1);
    const [last = "", next = ""] = splitOnce(fields.at(-1) ?? "", "\n");
    const values = [first, ...fields.slice(0, -1), last];
    if (values.length !== COLUMNS.length) throw new PortalError("cluster", "sacct gave an answer that cannot be read.");
    // One value per column: the length was just checked.
    rows.push(Object.fromEntries(COLUMNS.map((column, index) => [column, fieldOf(column, values[index])])) as Row);
    first = next;
  }
  return rows;
}

const fieldOf = (column: Column, value = ""): string => (column === "NodeList" ? value : field(value));

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + separator.length)];
}

function finishedJob(row: Row, steps: Row[], nodes: string[]): FinishedJob {
  const startedAt = nodes.length > 0 ? instant(row.Start) : null;
  const { state, end } = stateOf(row, startedAt !== null);
  const [exitCode, signal] = row.ExitCode.split(":").map((part) => whole(part));
  // A step that was killed for its memory sometimes leaves the job itself FAILED.
  const outOfMemory = end === "failed" && steps.some((step) => step.State.startsWith("OUT_OF_ME"));
  const limit = whole(row.TimelimitRaw);
  const memory = steps.map((step) => sizeMiB(step.MaxRSS)).filter((size) => size !== null);
  return {
    id: row.JobID,
    tag: /^berth-[a-z0-9]{16}$/.test(row.JobName) ? row.JobName : printable(row.JobName),
    owner: row.User,
    state,
    native: { state: row.State, reason: row.Reason, exitCode: exitCode ?? null, signal: signal || null },
    partition: some(row.Partition),
    account: some(row.Account),
    qos: list(row.QOS)[0] ?? null,
    nodes,
    submittedAt: instant(row.Submit) ?? new Date(0),
    startedAt,
    limitAt: after(startedAt, limit === null ? null : limit * 60),
    endedAt: state === "ended" ? instant(row.End) : null,
    expectedStartAt: null,
    position: null,
    end: outOfMemory ? "out-of-memory" : end,
    cancelledBy: cancelledBy(row),
    maxMemoryMiB: memory.length > 0 ? Math.max(...memory) : null,
    cpuSeconds: whole(row.CPUTimeRAW),
  };
}

/**
 * Of a job that slurmdbd has not heard of before, it first writes down the start, with the state of the end but without its
 * time, its exit code and who cancelled it (as_mysql_job_complete): those come a moment later.
 */
function stateOf(row: Row, started: boolean): ReturnType<typeof jobState> {
  const told = jobState(row.State, { reason: row.Reason, started });
  return told.state === "ended" && instant(row.End) === null ? { state: "completing", end: null } : told;
}

/** "CANCELLED by 1001": the person's own uid and root get their names, others stay numbers. */
function cancelledBy(row: Row): string | null {
  const uid = /^CANCELLED by (\d+)/.exec(row.State)?.[1];
  if (!uid) return null;
  return uid === row.UID ? row.User : uid === "0" ? "root" : uid;
}
