// Slurm's state words -> ours. A word that is not here (a later version's) never ends a job.
// Source: squeue(1) "JOB STATE CODES", sacct(1) "JOB STATE CODES".
import type { JobEnd, JobState } from "@/lib/scheduler/scheduler";

const LIVE: Record<string, JobState> = {
  PENDING: "queued",
  REQUEUED: "queued",
  REQUEUE_FED: "queued",
  // Of a federation: another cluster has started it. It may still end, or come back.
  REVOKED: "queued",
  REQUEUE_HOLD: "held",
  RESV_DEL_HOLD: "held",
  SPECIAL_EXIT: "held",
  // Nodes are allocated but boot, or their prolog runs: for minutes nothing of the job runs, and Slurm counts its time anew
  // from when they are ready (job_config_fini in slurmctld's job_mgr.c).
  CONFIGURING: "queued",
  POWER_UP_NODE: "queued",
  RUNNING: "running",
  RESIZING: "running",
  SUSPENDED: "suspended",
  STOPPED: "suspended",
  COMPLETING: "completing",
  SIGNALING: "completing",
  STAGE_OUT: "completing",
};

/** Whether the job has its nodes but waits for them to be ready. */
export const isBooting = (native: string): boolean => /^(CONFIGURING|POWER_UP_NODE)\b/.test(native);

const ENDED: Record<string, JobEnd> = {
  COMPLETED: "finished",
  FAILED: "failed",
  OUT_OF_MEMORY: "out-of-memory",
  TIMEOUT: "time-limit",
  DEADLINE: "time-limit",
  NODE_FAIL: "node-failed",
  BOOT_FAIL: "node-failed",
  LAUNCH_FAILED: "node-failed",
  RECONFIG_FAIL: "node-failed",
  PREEMPTED: "preempted",
  CANCELLED: "cancelled",
};

/** Reasons of a pending job that only a release starts. The long ones are the controller's own words (job_mgr.c). */
export const isHeld = (reason: string): boolean => /^JobHeld|requeued.?in.?(held|special)|requeued.?held/i.test(reason);

/** Our state and end for Slurm's word, e.g. "CANCELLED by 1001"; `started` decides for words nobody knows. */
export function jobState(native: string, { reason, started }: { reason: string; started: boolean }) {
  const word = native.split(/[ +]/)[0] ?? "";
  const end = ENDED[word] ?? null;
  if (end) return { state: "ended" as const, end };
  if (word === "PENDING" && isHeld(reason)) return { state: "held" as const, end: null };
  return { state: LIVE[word] ?? (started ? ("running" as const) : ("queued" as const)), end: null };
}
