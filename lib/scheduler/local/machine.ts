// What this machine may hand out and which requests it can never satisfy. Pure, but for asking the kernel once.
import { availableParallelism, homedir, hostname, totalmem, userInfo } from "node:os";
import type { JobSpec } from "@/lib/scheduler/scheduler";
import { usableShell } from "@/lib/usable-shell";

export const PARTITION = "local";
/** Offered only when sentinels are switched on: shows in the interface what a refusal looks like. */
export const REJECTING_PARTITION = "always-rejects";

const BYTES_PER_MIB = 1024 * 1024;

export type Capacity = { cpus: number; memoryMiB: number };

export type Offer = Capacity & { partitions: string[] };

/** All cores and all memory that this process may use: a container's limit counts as the machine's. */
export function wholeMachine(): Capacity {
  const limitBytes = process.constrainedMemory() || totalmem();
  return { cpus: availableParallelism(), memoryMiB: Math.floor(Math.min(limitBytes, totalmem()) / BYTES_PER_MIB) };
}

export const nodeName = () => hostname();

/** Why this request will never run here, in the scheduler's words; null when it can. */
export function refusal(spec: JobSpec, offer: Offer): string | null {
  return refusedPlace(spec, offer) ?? refusedSize(spec, offer);
}

function refusedPlace(spec: JobSpec, { partitions }: Offer): string | null {
  const partition = spec.partition ?? PARTITION;
  if (!partitions.includes(partition)) return `Invalid partition name specified: ${partition}`;
  if (partition === REJECTING_PARTITION) return "Job violates policy: the partition always-rejects rejects every job";
  const unknown = (["account", "qos", "reservation", "constraint"] as const).find((name) => spec[name] !== undefined);
  return unknown
    ? `Invalid ${unknown} specified: the local engine has none, so "${spec[unknown]}" cannot be met`
    : null;
}

function refusedSize(spec: JobSpec, { cpus, memoryMiB }: Capacity): string | null {
  const words = "Requested node configuration is not available";
  if (spec.gpus > 0) return `${words}: the local engine hands out no GPUs, ${spec.gpus} asked`;
  if (spec.nodes !== 1) return `${words}: there is one node, ${spec.nodes} asked`;
  if (!(spec.cpus >= 1 && spec.cpus <= cpus)) return `${words}: there are ${cpus} cores, ${spec.cpus} asked`;
  if (!(spec.memoryMiB > 0 && spec.memoryMiB <= memoryMiB)) {
    return `${words}: there are ${memoryMiB} MiB of memory, ${spec.memoryMiB} asked`;
  }
  return spec.limitMinutes > 0 ? null : "Requested time limit is invalid (missing or exceeds some limit)";
}

/** The environment of a plain login: nothing of the portal's own comes along. See environ(7). */
export function loginEnvironment(home?: string): Record<string, string> {
  const { username } = userInfo();
  return {
    // What HOME says comes first: several portals may share one account and not its home.
    HOME: home ?? homedir(),
    USER: username,
    LOGNAME: username,
    SHELL: usableShell(),
    PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    LANG: "C.UTF-8",
  };
}
