// What a JobSpec becomes on sbatch's command line: every option one argv element, `--name=value`, so that no value can
// turn into an option or a directive. Source: sbatch(1).

import type { JobSpec } from "@/lib/scheduler/scheduler";
import { DIRECTORY } from "@/lib/scheduler/stage";

/**
 * A name that nobody's environment has. Naming any variable makes sbatch pass nothing of the caller's environment and
 * load the person's login environment on the node; the word NIL does that on 22.05 too, but 23.02 gave it a meaning of
 * its own (no login environment).
 */
const NOTHING_OF_THE_CALLER = "BERTH_NOTHING";

/** The options that say what is asked for; the same for submitting and for asking beforehand. */
export function resourceOptions(spec: JobSpec): string[] {
  // GPUs without a type are called "gpu" in the facts.
  const gpu = spec.gpuType && spec.gpuType !== "gpu" ? `gpu:${spec.gpuType}` : "gpu";
  return [
    ["job-name", spec.tag],
    ["comment", spec.comment],
    ["partition", spec.partition],
    ["account", spec.account],
    ["qos", spec.qos],
    ["reservation", spec.reservation],
    ["constraint", spec.constraint],
    ["nodes", spec.nodes],
    ["ntasks-per-node", 1],
    ["cpus-per-task", spec.cpus],
    ["mem", `${Math.ceil(spec.memoryMiB)}M`],
    ["gres", spec.gpus > 0 ? `${gpu}:${spec.gpus}` : undefined],
    ["time", Math.ceil(spec.limitMinutes)],
    ["time-min", spec.minutes < spec.limitMinutes ? Math.ceil(spec.minutes) : undefined],
  ].flatMap(([name, value]) => (value === undefined || value === "" ? [] : [`--${name}=${value}`]));
}

/** All of submit's arguments. DIRECTORY stands for the absolute job directory, which only the login node knows. */
export function submitOptions(spec: JobSpec): string[] {
  return [
    "--parsable",
    ...resourceOptions(spec),
    `--export=${NOTHING_OF_THE_CALLER}`,
    `--export-file=${DIRECTORY}/environment`,
    `--chdir=${DIRECTORY}`,
    `--output=${DIRECTORY}/log`,
    "--open-mode=append",
    `${DIRECTORY}/${spec.script}`,
  ];
}
