// What every batch system must be able to do for the portal. Implementations: slurm/, local/, fake.ts; all pass contract.ts.
// Nothing here knows of sessions, forms or people: owners are Unix accounts, times are Date in UTC, memory is MiB per node.

export type JobId = string;

/** A file to be written into the job's directory before it is submitted: mode 0600, name without slash. */
export type JobFile = { name: string; content: Uint8Array };

/** What a scheduler must run. All strings have been checked against allow-lists at the edge. */
export type JobSpec = {
  /** Unix account that owns the job. */
  owner: string;
  /** Job name: unique, `berth-<session id>`. What `find` looks for. */
  tag: string;
  /** `berth:<instance>:<session id>`, kept in the scheduler's comment field. */
  comment: string;
  /** Absolute directory on the cluster for files, log and state. May start with `~/` (the owner's home). Made 0700 by submit, refused when it exists and is not the owner's. */
  directory: string;
  files: JobFile[];
  /** Name of the file among `files` that is the job's script. A constant. */
  script: string;
  /** The job's environment, byte for byte. Names match [A-Z_][A-Z0-9_]*. The adapter adds BERTH_JOB_DIR (absolute directory) and BERTH_UMASK (of the owner's shell, octal). */
  environment: Record<string, string>;
  partition?: string;
  account?: string;
  qos?: string;
  reservation?: string;
  constraint?: string;
  nodes: number;
  cpus: number;
  memoryMiB: number;
  gpus: number;
  gpuType?: string;
  /** The scheduler's hard limit: --time. */
  limitMinutes: number;
  /** What the person asked for: --time-min. At most limitMinutes. */
  minutes: number;
};

export type Submitted =
  | { outcome: "accepted"; jobId: JobId; directory: string }
  /** The scheduler or the file system said no, in its own words. Nothing was left behind in the scheduler. */
  | { outcome: "rejected"; words: string }
  /** Nobody knows whether a job exists: look it up by owner and tag before trying again. */
  | { outcome: "unknown"; words: string };

export type JobState = "queued" | "held" | "running" | "suspended" | "completing" | "ended";

/** Why an ended job ended, as far as the scheduler knows. */
export type JobEnd =
  | "finished" // exit code 0
  | "failed" // another exit code or a signal
  | "out-of-memory"
  | "time-limit"
  | "node-failed"
  | "preempted"
  | "cancelled";

/** The scheduler's own words, verbatim, beside ours. */
export type NativeWords = { state: string; reason: string; exitCode: number | null; signal: number | null };

export type Job = {
  id: JobId;
  tag: string;
  owner: string;
  state: JobState;
  native: NativeWords;
  partition: string | null;
  account: string | null;
  qos: string | null;
  /** Names of the allocated nodes, first is where the batch script runs. Empty before the start. */
  nodes: string[];
  submittedAt: Date;
  startedAt: Date | null;
  /** When the scheduler's hard limit ends it. Null before the start. */
  limitAt: Date | null;
  /** For how long it was suspended since its start, which the limit does not count. Only where and while that is known. */
  suspendedSeconds?: number;
  endedAt: Date | null;
  /** The scheduler's own forecast while queued. */
  expectedStartAt: Date | null;
  /** 1 is next, among the queued jobs of its partition. Null unless queued. */
  position: number | null;
  /** Set when state is "ended". */
  end: JobEnd | null;
  /** Account (name or uid) that cancelled it, where the scheduler says. */
  cancelledBy: string | null;
};

/** A job that accounting remembers, with what it used. */
export type FinishedJob = Job & { maxMemoryMiB: number | null; cpuSeconds: number | null };

export type JobQuery = {
  /** Ask as this account, and only for its own jobs (`poll: per-user`). Default: everybody's, as the poller. */
  owner?: string;
};

/** Jobs that ended (or started) since `since`, by owner or by ids. */
export type HistoryQuery = { owner: string; ids?: JobId[]; tag?: string; since: Date };

export type JobAction =
  | { kind: "cancel" }
  | { kind: "hold" }
  | { kind: "release" }
  | { kind: "requeue" }
  | { kind: "limit"; minutes: number };

export type PartitionFacts = {
  name: string;
  up: boolean;
  isDefault: boolean;
  /** The site leaves it out of lists; who knows its name may ask for it. */
  hidden: boolean;
  /** Null: no limit. */
  maxMinutes: number | null;
  defaultMinutes: number | null;
  maxNodes: number | null;
  /** Sums over its nodes that are up. */
  cpusTotal: number;
  cpusFree: number;
  /** The largest node: what one job on one node can have. */
  cpusPerNode: number;
  memoryMiBPerNode: number;
  gpus: { type: string; total: number; free: number; perNode: number }[];
  features: string[];
  nodes: string[];
  /** Accounts and QOS admitted; empty: everyone. */
  allowAccounts: string[];
  allowQos: string[];
  /** The QOS whose limits hold in it, before those of a job's own QOS; null: none. */
  qos: string | null;
};

export type NodeFacts = {
  name: string;
  /** Where it answers: NodeAddr. */
  address: string;
  state: string;
  reason: string | null;
  cpus: number;
  cpusFree: number;
  memoryMiB: number;
  memoryMiBFree: number;
  gpus: { type: string; total: number; free: number }[];
  features: string[];
};

export type ClusterFacts = {
  scheduler: string; // "slurm 22.05.8", "local"
  partitions: PartitionFacts[];
  nodes: NodeFacts[];
  /** False when accounting is off or does not answer. */
  accounting: boolean;
  /** Jobs running and waiting, everybody's. */
  running: number;
  queued: number;
};

/** A walltime that no job may exceed, by QOS or by the account it is charged to, whatever its partition. */
export type WalltimeLimit = {
  of: "qos" | "account";
  name: string;
  minutes: number;
  /** A QOS whose limits come before those of a partition's. */
  isFirst?: boolean;
};

export type Access = {
  /** Allocation accounts of this person; empty when the scheduler knows none and does not demand one. */
  accounts: string[];
  defaultAccount: string | null;
  qos: string[];
  /** The QOS of a job that asks for none, by account; an account that is not here has none that is known. */
  defaultQos: { account: string; qos: string }[];
  walltimes: WalltimeLimit[];
  /** QOS whose jobs may run for longer than their partition lets others. */
  qosBeyondPartition?: string[];
  /** Whether the scheduler admits this person at all; words say why not. */
  admitted: boolean;
  words: string | null;
};

export type Estimate =
  | { accepted: true; expectedStartAt: Date | null; node: string | null; words: string }
  | { accepted: false; words: string };

export interface Scheduler {
  submit(spec: JobSpec): Promise<Submitted>;
  /** One question per cluster. Live jobs, and ended ones for as long as the scheduler keeps them in its queue. Throws when the scheduler does not answer. */
  jobs(query: JobQuery): Promise<Job[]>;
  /**
   * Adopts a job whose id we never learned. Live, or ended and still remembered. Null only when the queue answered and has
   * no such job; while accounting is silent that says nothing of a job that ended some minutes ago.
   */
  find(owner: string, tag: string): Promise<JobId | null>;
  /** Done or thrown. A job that is already gone is done for `cancel`. */
  control(owner: string, id: JobId, action: JobAction): Promise<void>;
  history(query: HistoryQuery): Promise<FinishedJob[]>;
  facts(): Promise<ClusterFacts>;
  access(owner: string): Promise<Access>;
  /** Everybody's access in one question, as far as the service account may see it. Absent where only people themselves can be asked. */
  everyonesAccess?: () => Promise<(owner: string) => Access>;
  estimate(spec: JobSpec): Promise<Estimate>;
  /** Name of the federation of clusters that this one is in, which is not supported; null: none. For who examines a cluster. */
  federation?(): Promise<string | null>;
  /** argv that runs the program `argv` inside a running job's allocation, with a terminal. Absent: there is nothing to enter. */
  enter?(id: JobId, argv: string[]): string[];
  /** Why `owner` can start nothing inside the job, in the scheduler's words; null when they can. There where enter() is. */
  refusesToEnter?(owner: string, id: JobId): Promise<string | null>;
  /** The exact command that submit would run, for people to read. */
  preview(spec: JobSpec): string[];
}
