// From a request to the job that serves it. Pure but for the constant files of the job, read once: whatever a person
// typed becomes an environment variable or one checked argv element, never text of a script.
import type { ClusterConfig } from "@/lib/config";
import { partitionMinutes, walltimeOf } from "@/lib/scheduler/rules";
import type { Access, JobSpec, PartitionFacts } from "@/lib/scheduler/scheduler";
import { jobFile } from "@/lib/sessions/job-file";
import type { ResourceRequest } from "@/lib/sessions/schema";
import type { Template } from "@/lib/templates/template";

export type JobContext = {
  sessionId: string;
  /** Names this installation in the scheduler's comment field. */
  instance: string;
  owner: string;
  cluster: ClusterConfig;
  /** What is known of the partition asked for; caps the time that can be extended to. */
  partition: PartitionFacts | null;
  /** What the scheduler lets the owner do, or null while it does not say; caps it, too. */
  access: Access | null;
  /** The longest that the portal's own limits let a session of the owner be; null where none does. */
  mostMinutes: number | null;
};

/** Name of the job in the scheduler: unique, and what an unknown submit is found by. */
export const tagOf = (sessionId: string): string => `berth-${sessionId}`;

const forUser = (path: string, user: string): string => path.replaceAll("{user}", user);

type Where = Pick<JobContext, "sessionId" | "owner" | "cluster">;

/** The session's directory on the cluster; starts with `~/` where sessions are kept in the owner's home. */
export const directoryOf = ({ sessionId, owner, cluster }: Where): string =>
  `${forUser(cluster.sessionPath, owner)}/${sessionId}`;

/** Absolute scratch directory of a session, or null when none was asked for. */
export function scratchOf(request: ResourceRequest, context: Where): string | null {
  if (!request.scratchGiB || !context.cluster.scratchPath) return null;
  return `${forUser(context.cluster.scratchPath, context.owner)}/berth-${context.sessionId}`;
}

/**
 * Minutes the job may be extended to without queueing again: the scheduler's hard limit. Slurm compares this one with the
 * limits of a partition, a QOS and an account: a job of which only --time-min fits waits for ever.
 */
function limitMinutesOf(
  request: ResourceRequest,
  template: Template,
  { partition, access, mostMinutes }: Pick<JobContext, "partition" | "access" | "mostMinutes">,
): number {
  const wanted = Math.ceil(request.minutes * template.manifest.extendFactor);
  const walltime = access && walltimeOf(request, access, partition)?.minutes;
  const longest = [template.manifest.resources.minutes.max, partitionMinutes(request, access, partition)];
  const most = [...longest, walltime, mostMinutes];
  return Math.max(request.minutes, Math.min(wanted, ...most.map((minutes) => minutes ?? wanted)));
}

function parameters(request: ResourceRequest, template: Template): Record<string, string> {
  const values: Record<string, string> = {};
  for (const parameter of template.manifest.parameters) {
    const value = request.parameters?.[parameter.name] ?? parameter.default;
    if (value !== undefined) values[`BERTH_PARAM_${parameter.name.toUpperCase()}`] = String(value);
  }
  return values;
}

function modules(request: ResourceRequest, cluster: ClusterConfig): Record<string, string> {
  if (request.software?.kind !== "modules" || !cluster.modules) return {};
  const names = { BERTH_MODULES: request.software.modules.join(" "), BERTH_MODULES_INIT: cluster.modules.init };
  return cluster.modules.path ? { ...names, BERTH_MODULES_PATH: cluster.modules.path } : names;
}

function environment(request: ResourceRequest, template: Template, context: JobContext): Record<string, string> {
  const scratch = scratchOf(request, context);
  return {
    BERTH_SESSION: context.sessionId,
    BERTH_NAME: request.name ?? "",
    BERTH_MINUTES: String(request.minutes),
    BERTH_CPUS: String(request.cpus),
    BERTH_MEMORY_MIB: String(Math.ceil(request.memoryGiB * 1024)),
    BERTH_GPUS: String(request.gpus ?? 0),
    BERTH_AUTH: template.manifest.auth,
    BERTH_UPSTREAM: template.manifest.upstream,
    ...(request.workdir ? { BERTH_WORKDIR: request.workdir } : {}),
    ...(scratch ? { BERTH_SCRATCH: scratch } : {}),
    ...modules(request, context.cluster),
    ...parameters(request, template),
  };
}

/** The job for a request that has been checked by the schema and allowed by policy. */
export function toJobSpec(request: ResourceRequest, template: Template, context: JobContext): JobSpec {
  return {
    owner: context.owner,
    tag: tagOf(context.sessionId),
    comment: `berth:${context.instance}:${context.sessionId}`,
    directory: directoryOf(context),
    files: [
      jobFile("job.sh"),
      jobFile("place.sh"),
      jobFile("door.py"),
      { name: "script.sh", content: template.script },
    ],
    script: "job.sh",
    environment: environment(request, template, context),
    partition: request.partition,
    account: request.account,
    qos: request.qos,
    reservation: request.reservation,
    constraint: request.constraint,
    nodes: request.nodes ?? 1,
    cpus: request.cpus,
    memoryMiB: Math.ceil(request.memoryGiB * 1024),
    gpus: request.gpus ?? 0,
    gpuType: request.gpuType,
    limitMinutes: limitMinutesOf(request, template, context),
    minutes: request.minutes,
  };
}
