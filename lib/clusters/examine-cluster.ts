// Looks at a cluster the way the portal will use it, question by question, before anybody relies on it. Needs neither a
// database nor a running portal, and leaves nothing behind.

import { type Finding, problem } from "@/lib/clusters/examine-finding";
import { examineJob } from "@/lib/clusters/examine-job";
import { examineLogin } from "@/lib/clusters/examine-login";
import { examineNodes } from "@/lib/clusters/examine-nodes";
import { examineAccounting, examineScheduler } from "@/lib/clusters/examine-queue";
import type { Reach } from "@/lib/clusters/run";
import type { ClusterConfig } from "@/lib/config";
import type { Scheduler } from "@/lib/scheduler/scheduler";
import { unixUserSchema } from "@/lib/ssh/schema";

export type Examination = {
  cluster: ClusterConfig;
  reach: Reach;
  scheduler: Scheduler;
  /** Account of a person who agreed that a tiny job runs in their name. Null: what needs one is not looked at. */
  as: string | null;
  /** Where that job goes; the scheduler's own default when left out. */
  partition?: string;
  account?: string;
  /** How long the job may wait in the queue. */
  waitSeconds: number;
  /** Stops waiting; what was begun is still cleaned up. */
  signal?: AbortSignal;
};

/** Findings in the order in which things depend on each other. Ends the job it started even when the caller stops early. */
export async function* examineCluster(exam: Examination): AsyncGenerator<Finding> {
  if (exam.as !== null && !unixUserSchema.safeParse(exam.as).success) {
    yield problem("--as", `${exam.as} is no account the portal can use.`, "Name an ordinary person's Unix account.");
    return;
  }
  yield* examineLogin(exam);
  const facts = yield* examineScheduler(exam);
  yield* examineAccounting(exam, facts);
  yield* examineNodes(exam, facts?.nodes ?? null);
  yield* examineJob(exam, facts);
}
