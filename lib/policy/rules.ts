// What may be asked for, decided by one pure function that the form shows and the server enforces.

import type { ClusterView, PartitionView } from "@/lib/clusters/schema";
import type { LimitName, Limits, Use } from "@/lib/policy/schema";
import { partitionMinutes, qosOf, walltimeOf } from "@/lib/scheduler/rules";
import type { ResourceRequest, Verdict } from "@/lib/sessions/schema";
import type { TemplateView } from "@/lib/templates/schema";
import { formatGiB, formatMinutes, mibToGib, tidyGib } from "@/lib/units";

export type Circumstances = {
  template: Pick<TemplateView, "title" | "resources" | "parameters" | "software">;
  /** What of the template the cluster has; null: unknown, which denies nothing. */
  available: { available: boolean | null; missing: string | null; hint: string | null };
  cluster: Pick<ClusterView, "name" | "kind" | "partitions" | "modules"> & { scratch: boolean; maxScratchGiB: number };
  /** Null until the scheduler has answered: its own limits are then left to itself. */
  access: Pick<
    ClusterView["me"],
    "admitted" | "words" | "accounts" | "defaultAccount" | "qos" | "defaultQos" | "walltimes" | "qosBeyondPartition"
  > | null;
  limits: Limits;
  use: Use;
};

type Reason = Verdict["reasons"][number];
type Rule = (request: ResourceRequest, given: Circumstances) => Reason[];

const deny = (field: string, message: string, fix: Reason["fix"] = null): Reason => ({ field, message, fix });

/** The partition that the request would run in: the one named, or the cluster's default. */
export function partitionOf(
  request: Pick<ResourceRequest, "partition">,
  partitions: PartitionView[],
): PartitionView | null {
  return partitions.find((entry) => (request.partition ? entry.name === request.partition : entry.isDefault)) ?? null;
}

/** Memory of one node in GiB, in whole tenths that fit. */
export const nodeMemoryGiB = ({ memoryMiBPerNode }: Pick<PartitionView, "memoryMiBPerNode">): number =>
  Math.floor(mibToGib(memoryMiBPerNode) * 10) / 10;

type Asked = { asked: number; range: { min?: number | undefined; max?: number | undefined }; title: string };

/** What a template needs at least and takes at most. */
function within(field: "cpus" | "memoryGiB" | "minutes", { asked, range, title }: Asked): Reason[] {
  const told = field === "minutes" ? formatMinutes : units[field];
  const fix = (value: number) => ({ label: `Use ${told(value)}`, value });
  const { min, max } = range;
  if (max && asked > max)
    return [deny(field, `${title} ${field === "minutes" ? "runs" : "takes"} at most ${told(max)}.`, fix(max))];
  if (min && asked < min) return [deny(field, `${title} needs at least ${told(min)}.`, fix(min))];
  return [];
}

const templateFits: Rule = (request, { template, available, cluster }) => {
  const reasons: Reason[] = [];
  // What the host lacks may be in the modules chosen; only the job itself can tell.
  if (available.available === false && request.software?.kind !== "modules") {
    reasons.push(
      deny("template", `Not available on ${cluster.name}: ${available.missing}. ${available.hint ?? ""}`.trim()),
    );
  }
  const { cpus, memoryGiB, minutes, gpus, nodes } = template.resources;
  reasons.push(
    ...within("cpus", { asked: request.cpus, range: cpus, title: template.title }),
    ...within("memoryGiB", { asked: request.memoryGiB, range: memoryGiB, title: template.title }),
    ...within("minutes", { asked: request.minutes, range: minutes, title: template.title }),
  );
  if (!gpus && request.gpus)
    reasons.push(deny("gpus", `${template.title} has no use for GPUs.`, { label: "Use none", value: 0 }));
  if (!nodes && (request.nodes ?? 1) > 1)
    reasons.push(deny("nodes", `${template.title} runs on one node.`, { label: "Use 1", value: 1 }));
  return reasons;
};

const softwareFits: Rule = (request, { template, cluster }) => {
  const kind = request.software?.kind ?? "host";
  if (!template.software.includes(kind))
    return [
      deny(
        "software",
        `${template.title} cannot take its software from ${kind === "host" ? "the node" : `${kind}s`.replace("moduless", "modules")}.`,
      ),
    ];
  if (kind === "modules" && !cluster.modules)
    return [deny("software", `${cluster.name} offers no environment modules here.`)];
  if (kind === "image") return [deny("software", "Container images are not offered here yet.")];
  return [];
};

function parameterReason(
  parameter: TemplateView["parameters"][number],
  value: string | number | boolean | undefined,
): string | null {
  if (value === undefined || value === "") return parameter.required ? `${parameter.label} is needed.` : null;
  if (parameter.kind === "number") {
    if (typeof value !== "number") return `${parameter.label} must be a number.`;
    if (parameter.min !== undefined && value < parameter.min) return `At least ${parameter.min}.`;
    if (parameter.max !== undefined && value > parameter.max) return `At most ${parameter.max}.`;
    return null;
  }
  if (parameter.kind === "switch")
    return typeof value === "boolean" ? null : `${parameter.label} must be true or false.`;
  if (typeof value !== "string") return `${parameter.label} must be text.`;
  if (value.length > parameter.maxLength) return `At most ${parameter.maxLength} characters.`;
  if (parameter.kind === "choice" && !parameter.choices?.some((choice) => choice.value === value))
    return `${parameter.label} must be one of the choices.`;
  if (parameter.kind === "path" && !/^(\/|~$|~\/)/.test(value))
    return `${parameter.label} must be absolute or start with ~/.`;
  return null;
}

const parametersFit: Rule = (request, { template }) => {
  const known = new Set(template.parameters.map((parameter) => parameter.name));
  const unknown = Object.keys(request.parameters ?? {}).filter((name) => !known.has(name));
  const reasons = unknown.map((name) => deny(`parameters.${name}`, `${template.title} has no parameter ${name}.`));
  for (const parameter of template.parameters) {
    const message = parameterReason(parameter, request.parameters?.[parameter.name]);
    if (message) reasons.push(deny(`parameters.${parameter.name}`, message));
  }
  return reasons;
};

function gpusFit(request: ResourceRequest, partition: PartitionView): Reason[] {
  const wanted = request.gpus ?? 0;
  if (wanted === 0)
    return request.gpuType ? [deny("gpus", "Say how many GPUs of this type.", { label: "Use 1", value: 1 })] : [];
  const kinds = partition.gpus.filter((gpu) => !request.gpuType || gpu.type === request.gpuType);
  const perNode = Math.max(0, ...kinds.map((gpu) => gpu.perNode));
  if (perNode === 0)
    return [
      deny("gpus", `Partition ${partition.name} has no ${request.gpuType ?? ""} GPUs.`.replace("  ", " "), {
        label: "Use none",
        value: 0,
      }),
    ];
  if (wanted > perNode)
    return [
      deny("gpus", `A node of ${partition.name} has ${perNode} of them.`, { label: `Use ${perNode}`, value: perNode }),
    ];
  return [];
}

const partitionFits: Rule = (request, { access, cluster }) => {
  if (cluster.partitions.length === 0) return [];
  const partition = partitionOf(request, cluster.partitions);
  if (!partition)
    return [
      deny(
        "partition",
        request.partition ? `${cluster.name} has no partition ${request.partition}.` : "Choose a partition.",
      ),
    ];
  const reasons = gpusFit(request, partition);
  if (!partition.up) reasons.push(deny("partition", `Partition ${partition.name} takes no jobs now.`));
  if (request.cpus > partition.cpusPerNode)
    reasons.push(
      deny("cpus", `A node of ${partition.name} has ${partition.cpusPerNode} cores.`, {
        label: `Use ${partition.cpusPerNode}`,
        value: partition.cpusPerNode,
      }),
    );
  const memoryGiB = nodeMemoryGiB(partition);
  if (request.memoryGiB * 1024 > partition.memoryMiBPerNode)
    reasons.push(
      deny("memoryGiB", `A node of ${partition.name} has ${formatGiB(memoryGiB)}.`, {
        label: `Use ${formatGiB(memoryGiB)}`,
        value: memoryGiB,
      }),
    );
  const longest = partitionMinutes(request, access, partition);
  if (longest && request.minutes > longest)
    reasons.push(
      deny("minutes", `Partition ${partition.name} runs jobs for at most ${formatMinutes(longest)}.`, {
        label: `Use ${formatMinutes(longest)}`,
        value: longest,
      }),
    );
  return reasons;
};

const scratchFits: Rule = (request, { cluster }) => {
  if (!request.scratchGiB) return [];
  if (!cluster.scratch)
    return [deny("scratchGiB", `${cluster.name} offers no scratch space.`, { label: "Use none", value: 0 })];
  if (request.scratchGiB > cluster.maxScratchGiB)
    return [
      deny("scratchGiB", `At most ${formatGiB(cluster.maxScratchGiB)} of scratch.`, {
        label: `Use ${formatGiB(cluster.maxScratchGiB)}`,
        value: cluster.maxScratchGiB,
      }),
    ];
  return [];
};

/** Slurm takes names of accounts and QOS in capital letters, too. */
const hasName = (names: string[], wanted: string): boolean =>
  names.some((name) => name.toLowerCase() === wanted.toLowerCase());

const accessFits: Rule = (request, { access, cluster }) => {
  if (!access) return [];
  if (!access.admitted) return [deny("cluster", access.words ?? `${cluster.name} does not admit you.`)];
  const reasons: Reason[] = [];
  if (request.account && access.accounts.length > 0 && !hasName(access.accounts, request.account))
    reasons.push(deny("account", `You have no account ${request.account} on ${cluster.name}.`));
  if (request.qos && access.qos.length > 0 && !hasName(access.qos, request.qos))
    reasons.push(deny("qos", `You may not use QOS ${request.qos}.`));
  const limit = walltimeOf(request, access, partitionOf(request, cluster.partitions));
  if (limit && request.minutes > limit.minutes)
    reasons.push(
      deny(
        "minutes",
        `${limit.of === "qos" ? "QOS" : "Account"} ${limit.name} runs jobs for at most ${formatMinutes(limit.minutes)}.`,
        {
          label: `Use ${formatMinutes(limit.minutes)}`,
          value: limit.minutes,
        },
      ),
    );
  return reasons;
};

/** A partition may be for some accounts or QOS only: the scheduler would refuse the rest at submit. */
const partitionAdmits: Rule = (request, { access, cluster }) => {
  const partition = partitionOf(request, cluster.partitions);
  if (!access || !partition) return [];
  const { name, allowAccounts, allowQos } = partition;
  const account = request.account ?? access.defaultAccount;
  const reasons: Reason[] = [];
  if (account && allowAccounts.length > 0 && !hasName(allowAccounts, account)) {
    const other = access.accounts.find((mine) => hasName(allowAccounts, mine));
    const fix = other ? { label: `Use account ${other}`, value: other } : null;
    reasons.push(deny(other ? "account" : "partition", `Partition ${name} does not admit account ${account}.`, fix));
  }
  const qos = qosOf(request, access);
  if (qos && allowQos.length > 0 && !hasName(allowQos, qos)) {
    const other = access.qos.find((mine) => hasName(allowQos, mine));
    const fix = other ? { label: `Use QOS ${other}`, value: other } : null;
    reasons.push(deny("qos", `Partition ${name} does not admit QOS ${qos}.`, fix));
  }
  return reasons;
};

const units: Record<LimitName, (value: number) => string> = {
  sessions: (value) => `${value} ${value === 1 ? "session" : "sessions"}`,
  cpus: (value) => `${value} ${value === 1 ? "core" : "cores"}`,
  memoryGiB: formatGiB,
  gpus: (value) => `${value} ${value === 1 ? "GPU" : "GPUs"}`,
};

/** What a request adds to a person's use. Memory and cores are per node. */
export function useOf(request: Pick<ResourceRequest, "nodes" | "cpus" | "memoryGiB" | "gpus">): Use {
  const nodes = request.nodes ?? 1;
  return {
    sessions: 1,
    cpus: nodes * request.cpus,
    memoryGiB: nodes * request.memoryGiB,
    gpus: nodes * (request.gpus ?? 0),
  };
}

const quotaFits: Rule = (request, { limits, use }) => {
  const wanted = useOf(request);
  const over = (["sessions", "cpus", "memoryGiB", "gpus"] as const).flatMap((name) => {
    const { max, source } = limits[name];
    if (max === null || wanted[name] === 0 || tidyGib(use[name] + wanted[name]) <= max) return [];
    const left = Math.max(0, tidyGib(max - use[name]));
    const message = `You have ${units[name](use[name])} of ${units[name](max)} in use (${source}): at most ${units[name](left)} more.`;
    const fixable = name !== "sessions" && (left > 0 || name === "gpus") && (request.nodes ?? 1) === 1;
    return [
      deny(
        name === "sessions" ? "quota" : name,
        message,
        fixable ? { label: `Use ${units[name](left)}`, value: left } : null,
      ),
    ];
  });
  const { max, source } = limits.minutes;
  if (max !== null && request.minutes > max)
    over.push(
      deny("minutes", `At most ${formatMinutes(max)} (${source}).`, { label: `Use ${formatMinutes(max)}`, value: max }),
    );
  return over;
};

const rules: Rule[] = [
  templateFits,
  softwareFits,
  parametersFit,
  partitionFits,
  scratchFits,
  accessFits,
  partitionAdmits,
  quotaFits,
];

/** Whether the request is allowed, and every reason why not, each with its field and, where there is one, the fix. */
export function judge(request: ResourceRequest, given: Circumstances): Verdict {
  const reasons = rules.flatMap((rule) => rule(request, given));
  return { allowed: reasons.length === 0, reasons };
}
