// The one question to squeue and its answer. Slurm keeps newlines and anything else in job names, so rows and fields lie
// between a random mark of that call: no name can forge a row. Format letters: squeue(1) "--format".
import { randomBytes } from "node:crypto";
import { PortalError } from "@/lib/errors";
import type { Job, NativeWords } from "@/lib/scheduler/scheduler";
import { after, durationSeconds, field, instant, printable, some } from "./fields";
import { expandHostlist, hostlistsOfOneAnswer } from "./hostlist";
import { isBooting, isHeld, jobState } from "./states";

/** In the order of Row; what people may write themselves comes last. */
const FORMAT = ["%i", "%u", "%T", "%V", "%S", "%e", "%l", "%Q", "%N", "%B", "%P", "%q", "%r", "%a", "%j"];

type Row = {
  id: string;
  owner: string;
  state: string;
  submit: string;
  start: string;
  end: string;
  limit: string;
  priority: number;
  nodes: string;
  batchHost: string;
  partition: string;
  qos: string;
  reason: string;
  account: string;
  name: string;
};

export const newMark = () => randomBytes(12).toString("hex");

/** Value of squeue's --format for this mark. */
export const queueFormat = (mark: string) => `${mark}${FORMAT.join(mark)}${mark}`;

/** Jobs of squeue's answer. `everybody`: the answer holds all jobs, so that places in the queue can be counted. */
export function parseQueue(text: string, mark: string, everybody: boolean): Job[] {
  const rows = parseRows(text, mark);
  const places = everybody ? placesOf(rows) : new Map<string, number>();
  // One person's squeue may be that person's own program, and each of its rows may name a whole cluster.
  const expand = everybody ? expandHostlist : hostlistsOfOneAnswer();
  return rows.map((row) => ({ ...jobOf(row, expand), position: places.get(row.id) ?? null }));
}

function parseRows(text: string, mark: string): Row[] {
  const parts = text.split(mark);
  const width = FORMAT.length + 1;
  if ((parts.length - 1) % width !== 0) throw unexpected();
  return Array.from({ length: (parts.length - 1) / width }, (_, index) => rowAt(parts, index * width + 1));
}

/** One literal, not a loop over names: this runs 50,000 times for one answer of a large cluster. */
function rowAt(parts: string[], from: number): Row {
  const at = (index: number) => field(parts[from + index] ?? "");
  if (!/^\d/.test(at(0))) throw unexpected();
  return {
    id: at(0),
    owner: at(1),
    state: at(2),
    submit: at(3),
    start: at(4),
    end: at(5),
    limit: at(6),
    priority: Number(at(7)),
    nodes: parts[from + 8] ?? "",
    batchHost: at(9),
    partition: at(10),
    qos: at(11),
    reason: at(12),
    account: at(13),
    name: at(14),
  };
}

const unexpected = () => new PortalError("cluster", "squeue gave an answer that cannot be read.");

const TAG = /^berth-[a-z][a-z0-9]{15}$/;

function jobOf(row: Row, expand: (hostlist: string) => string[]): Job {
  const started = some(row.nodes) !== null;
  const { state, end } = jobState(row.state, { reason: row.reason, started });
  const startAt = instant(row.start);
  const waiting = state === "queued" || state === "held";
  const ran = !waiting && started;
  // Slurm gives no reason then: its word for the state is one. Its start is when the nodes were given, and past.
  const booting = isBooting(row.state);
  return {
    id: row.id,
    tag: TAG.test(row.name) ? row.name : printable(row.name),
    owner: row.owner,
    state,
    native: nativeWords(row.state, booting ? row.state : row.reason),
    partition: some(row.partition),
    account: some(row.account),
    qos: some(row.qos),
    nodes: ran ? batchHostFirst(row, expand(row.nodes)) : [],
    submittedAt: instant(row.submit) ?? new Date(0),
    startedAt: ran ? startAt : null,
    limitAt: ran ? limitAt(row, startAt) : null,
    ...suspension(row, startAt),
    endedAt: state === "ended" ? instant(row.end) : null,
    // What is held starts when somebody releases it; Slurm keeps printing the time from before.
    expectedStartAt: state === "queued" && !booting ? startAt : null,
    position: null,
    end,
    cancelledBy: null,
  };
}

/** squeue prints no exit code in `-o`; accounting has it. "RaisedSignal:9(Killed)" and "NonZeroExitCode" are all it says. */
function nativeWords(state: string, reason: string): NativeWords {
  const signal = /^RaisedSignal:(\d+)/.exec(reason);
  return { state, reason, exitCode: state === "COMPLETED" ? 0 : null, signal: signal ? Number(signal[1]) : null };
}

function batchHostFirst({ batchHost }: Row, nodes: string[]): string[] {
  return nodes.includes(batchHost) ? [batchHost, ...nodes.filter((name) => name !== batchHost)] : nodes;
}

/** While a job runs, its end is the limit, suspensions and all; afterwards only start and limit tell. */
function limitAt(row: Row, startAt: Date | null): Date | null {
  if (row.state === "RUNNING") return instant(row.end);
  return after(startAt, durationSeconds(row.limit));
}

/** A job that runs again is to end as much later than start and limit say as it stood still. */
function suspension(row: Row, startAt: Date | null): Pick<Job, "suspendedSeconds"> {
  const [end, limit] = [instant(row.end), durationSeconds(row.limit)];
  if (row.state !== "RUNNING" || !startAt || !end || limit === null) return {};
  const suspendedSeconds = Math.round((end.getTime() - startAt.getTime()) / 1000) - limit;
  return suspendedSeconds > 0 ? { suspendedSeconds } : {};
}

/** Job id -> place among those that wait for a partition: by priority, then by id. Held jobs have none. */
function placesOf(rows: Row[]): Map<string, number> {
  // A job that was put back and is held keeps its priority for a while.
  const waiting = rows.filter((row) => row.state === "PENDING" && row.priority > 0 && !isHeld(row.reason));
  const order = (a: Row, b: Row) => b.priority - a.priority || Number.parseInt(a.id, 10) - Number.parseInt(b.id, 10);
  const counts = new Map<string, number>();
  const places = new Map<string, number>();
  for (const row of waiting.sort(order)) {
    const partitions = row.partition.split(",");
    for (const partition of partitions) counts.set(partition, (counts.get(partition) ?? 0) + 1);
    places.set(row.id, Math.min(...partitions.map((partition) => counts.get(partition) ?? 1)));
  }
  return places;
}
