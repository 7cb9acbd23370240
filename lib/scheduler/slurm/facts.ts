// What a Slurm cluster has: partitions, nodes and their addresses, GPUs, limits. From scontrol, asked as the poller.
import type { ClusterFacts, NodeFacts, PartitionFacts } from "@/lib/scheduler/scheduler";
import type { SlurmCommands } from "./commands";
import { durationMinutes, list, sizeMiB, some, whole } from "./fields";
import { gpusOf } from "./gres";
import { expandHostlist } from "./hostlist";
import { parseConfig, parseRecords } from "./records";

/** `partitions.listed`: what scontrol shows of them without -a. */
type Answers = { config: string; nodes: string; partitions: { all: string; listed: string }; states: string };

/** What need not be asked again: each question costs the controller one to three RPCs. */
export type AlreadyKnown = {
  accounting: boolean;
  /** `scontrol show config`, which changes with a restart of the controller only. */
  config: () => Promise<string>;
  /** State words of all jobs (%t, one a line) from a look at the queue of just now; null when there was none. */
  states: string | null;
};

export async function facts(
  commands: SlurmCommands,
  { accounting, config: known, states: seen }: AlreadyKnown,
): Promise<ClusterFacts> {
  const user = commands.poller;
  const scontrol = (...args: string[]) => commands.ask("scontrol", args, { user });
  const [config, nodes, partitions, states, answers] = await Promise.all([
    known(),
    // Only with -d does scontrol say which GPUs are in use (GresUsed), and only with -a does it list nodes all of whose
    // partitions are hidden, or not for the poller's groups. With -F it lists those that are not there yet, too.
    scontrol("-a", "-F", "-d", "-o", "show", "node"),
    partitionsOf(scontrol),
    seen ?? commands.ask("squeue", ["-h", "--all", "-o", "%t"], { user }),
    accounting && accountingAnswers(commands),
  ]);
  return readFacts({ config, nodes, partitions, states }, answers);
}

/**
 * With -a: what is hidden, or not for the poller's own groups, may be for people. What scontrol shows without it is asked for
 * only where some partition is for some groups.
 */
async function partitionsOf(scontrol: (...args: string[]) => Promise<string>) {
  const all = await scontrol("-a", "-o", "show", "partition");
  const listed = / AllowGroups=(?!ALL )/.test(all) ? await scontrol("-o", "show", "partition") : all;
  return { all, listed };
}

async function accountingAnswers(commands: SlurmCommands): Promise<boolean> {
  const question = commands.ask("sacctmgr", ["-n", "-P", "show", "cluster", "format=Cluster"], {
    user: commands.poller,
  });
  return question.then(
    () => true,
    () => false,
  );
}

/** Of squeue's short words those of jobs that have nothing yet, or no more: squeue(1) "JOB STATE CODES". */
const WAITS = /^(PD|RQ|RF|RH|RV|RD|SE|CF)$/;

/** Since 23.02 AllowAccounts admits also what is below an account that it names: scontrol(1), "AllowAccounts". */
function accountsAreTrees(settings: Map<string, string>): boolean {
  const [major = 0, minor = 0] = (settings.get("SLURM_VERSION") ?? "").split(".").map(Number);
  return major > 23 || (major === 23 && minor >= 2);
}

/** Pure part of `facts`, for recorded answers. */
export function readFacts({ config, nodes, partitions, states }: Answers, accounting: boolean): ClusterFacts {
  const settings = parseConfig(config);
  const known = parseRecords(nodes).map(nodeFacts);
  const listed = new Set(parseRecords(partitions.listed).map((record) => record.get("PartitionName")));
  const words = states.split("\n").map((line) => line.trim());
  return {
    scheduler: `slurm ${settings.get("SLURM_VERSION") ?? "of unknown version"}`,
    partitions: parseRecords(partitions.all).map((record) => {
      const facts = partitionFacts(record, known, accountsAreTrees(settings));
      return { ...facts, hidden: facts.hidden || !listed.has(facts.name) };
    }),
    nodes: known,
    accounting: accounting && settings.get("AccountingStorageType") !== "accounting_storage/none",
    running: words.filter((word) => word !== "" && !WAITS.test(word)).length,
    queued: words.filter((word) => WAITS.test(word)).length,
  };
}

function nodeFacts(record: Map<string, string>): NodeFacts {
  const name = record.get("NodeName") ?? "";
  // CPUEfctv (22.05 and later) leaves out cores kept for the system.
  const cpus = whole(record.get("CPUEfctv")) ?? whole(record.get("CPUTot")) ?? 0;
  const memoryMiB = (whole(record.get("RealMemory")) ?? 0) - (whole(record.get("MemSpecLimit")) ?? 0);
  const used = gpusOf(record.get("GresUsed"));
  return {
    name,
    address: some(record.get("NodeAddr") ?? "") ?? name,
    state: record.get("State") ?? "UNKNOWN",
    reason: some(record.get("Reason") ?? ""),
    cpus,
    cpusFree: Math.max(0, cpus - (whole(record.get("CPUAlloc")) ?? 0)),
    memoryMiB,
    memoryMiBFree: Math.max(0, memoryMiB - (whole(record.get("AllocMem")) ?? 0)),
    gpus: [...gpusOf(record.get("Gres"))].map(([type, total]) => ({
      type,
      total,
      free: total - (used.get(type) ?? 0),
    })),
    features: list(record.get("AvailableFeatures")),
  };
}

/** Flags of a node that takes no new job; a trailing * is "does not answer". Source: sinfo(1) "NODE STATE CODES"; scontrol spells some out. */
const AWAY =
  /^(DOWN|DRAIN(ED|ING)?|FAIL(ING)?|MAINT(ENANCE)?|NOT_RESPONDING|POWERING_DOWN|FUTURE|INVAL(ID_REG)?|UNKNOWN|.*\*)$/;
// A powered-down node of a cloud is up: Slurm starts it when a job wants it.
const isUp = (node: NodeFacts) => !node.state.split("+").some((flag) => AWAY.test(flag));
/** Known to the configuration alone: a partition counts it, but no job can have it. */
const isFuture = (node: NodeFacts) => /^FUTURE\b/.test(node.state);
const sum = <T>(values: T[], of: (value: T) => number) => values.reduce((total, value) => total + of(value), 0);

/** Of "cpu=32,mem=128G,gres/gpu=4,gres/gpu:a100=4": type -> count. GPUs without a type count under "gpu". */
function gpusOfTres(tres: Map<string, string>): [string, number][] {
  const typed = [...tres].filter(([name]) => name.startsWith("gres/gpu:"));
  const named = typed.length > 0 ? typed : [...tres].filter(([name]) => name === "gres/gpu");
  return named.map(([name, count]) => [name.split(":")[1] ?? "gpu", whole(count) ?? 0]);
}

/**
 * Nodes that are not listed: a cloud's, while they are powered down, unless PrivateData has "cloud" (slurm.conf(5)). Each is
 * taken for an average one of the partition.
 */
function unlisted(record: Map<string, string>, names: string[]): NodeFacts[] {
  const count = whole(record.get("TotalNodes")) || names.length;
  const tres = new Map(list(record.get("TRES")).map((entry) => entry.split("=") as [string, string])); // All are name=count.
  const cpus = Math.floor((whole(record.get("TotalCPUs")) ?? 0) / count);
  const memoryMiB = Math.floor((sizeMiB(tres.get("mem") ?? "") ?? 0) / count);
  const gpus = gpusOfTres(tres).map(([type, all]) => ({ type, total: Math.ceil(all / count) }));
  return names.map((name) => ({
    ...{ name, address: name, state: "CLOUD+POWERED_DOWN", reason: null, features: [] },
    ...{ cpus, cpusFree: cpus, memoryMiB, memoryMiBFree: memoryMiB },
    gpus: gpus.map((gpu) => ({ ...gpu, free: gpu.total })),
  }));
}

function partitionFacts(record: Map<string, string>, known: NodeFacts[], areTrees: boolean): PartitionFacts {
  const names = new Set(expandHostlist(record.get("Nodes") ?? ""));
  const listed = known.filter((node) => names.has(node.name));
  for (const { name } of listed) names.delete(name);
  const members = [...listed.filter((node) => !isFuture(node)), ...unlisted(record, [...names])];
  const up = members.filter(isUp);
  const admitted = (key: string) => (record.get(key) === "ALL" ? [] : list(record.get(key)));
  return {
    name: record.get("PartitionName") ?? "",
    // Slurm takes jobs also while no node does; they wait.
    up: record.get("State") === "UP",
    isDefault: record.get("Default") === "YES",
    hidden: record.get("Hidden") === "YES" || record.get("RootOnly") === "YES",
    maxMinutes: durationMinutes(record.get("MaxTime") ?? ""),
    defaultMinutes: durationMinutes(record.get("DefaultTime") ?? ""),
    maxNodes: whole(record.get("MaxNodes")),
    cpusTotal: sum(up, (node) => node.cpus),
    cpusFree: sum(up, (node) => node.cpusFree),
    cpusPerNode: atMost(record.get("MaxCPUsPerNode"), Math.max(0, ...members.map((node) => node.cpus))),
    memoryMiBPerNode: atMost(record.get("MaxMemPerNode"), Math.max(0, ...members.map((node) => node.memoryMiB))),
    gpus: partitionGpus(members),
    features: [...new Set(members.flatMap((node) => node.features))],
    nodes: listed.filter((node) => !isFuture(node)).map((node) => node.name),
    // Who is below whom is not asked: what is not known denies nothing.
    allowAccounts: areTrees ? [] : admitted("AllowAccounts"),
    allowQos: admitted("AllowQos"),
    // As slurm.conf writes it, where accounting's names are in lower case.
    qos: some((record.get("QoS") ?? "").replace("N/A", "").toLowerCase()),
  };
}

/** A partition's own limit is a number, 0 or UNLIMITED: scontrol(1), "MaxCPUsPerNode", "MaxMemPerNode" (MiB). */
const atMost = (limit: string | undefined, value: number): number => Math.min(value, whole(limit) || value);

function partitionGpus(members: NodeFacts[]): PartitionFacts["gpus"] {
  const types = [...new Set(members.flatMap((node) => node.gpus.map(({ type }) => type)))];
  return types.map((type) => {
    const of = (nodes: NodeFacts[]) => nodes.flatMap((node) => node.gpus.filter((gpu) => gpu.type === type));
    const up = of(members.filter(isUp));
    const perNode = Math.max(...of(members).map((gpu) => gpu.total));
    return { type, total: sum(up, (gpu) => gpu.total), free: sum(up, (gpu) => gpu.free), perNode };
  });
}
