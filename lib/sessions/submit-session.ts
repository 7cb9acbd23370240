// Hands a committed session to the scheduler and records the answer. Called by createSession, and by the reconciler
// when an unknown submit was looked for twice in vain: always with the same tag, so that there is never a second job.
import { recordEvent } from "@/lib/audit/record-event";
import { cluster } from "@/lib/clusters/cluster";
import { snapshotOf } from "@/lib/clusters/snapshot";
import { db, notify, transaction } from "@/lib/db";
import { isPortalError } from "@/lib/errors";
import { instanceId } from "@/lib/instance";
import { killPoint } from "@/lib/kill-point";
import { once } from "@/lib/once";
import { partitionOf } from "@/lib/policy/rules";
import { rejectionSentence } from "@/lib/scheduler/rules";
import type { JobSpec, Submitted } from "@/lib/scheduler/scheduler";
import type { ResourceRequest } from "@/lib/sessions/schema";
import { readSession, recordSubmitted, type SessionPatch, type SessionRow } from "@/lib/sessions/store";
import { template } from "@/lib/templates/template";
import { scratchOf, toJobSpec } from "@/lib/templates/to-job-spec";

/** Sessions whose submit this process is waiting for: the reconciler leaves them alone. */
const inFlight = () => once("submitting", () => new Set<string>());
export const isBeingSubmitted = (id: string): boolean => inFlight().has(id);

async function specOf(row: SessionRow): Promise<{ spec: JobSpec; scratch: string | null }> {
  // The request was checked against the schema before it was stored.
  const request = row.request as ResourceRequest;
  const { config } = cluster(row.cluster);
  const { facts } = await snapshotOf(row.cluster);
  const partitions = facts?.partitions ?? [];
  const name = partitionOf(request, partitions)?.name;
  const partition = partitions.find((entry) => entry.name === name) ?? null;
  const context = {
    sessionId: row.id,
    instance: await instanceId(),
    owner: row.unixAccount,
    cluster: config,
    partition,
  };
  return { spec: toJobSpec(request, template(row.template), context), scratch: scratchOf(request, context) };
}

/** A cluster that cannot be reached leaves the answer unknown: only the scheduler's own no is a no. */
async function ask(row: SessionRow, spec: JobSpec): Promise<Submitted> {
  try {
    return await cluster(row.cluster).scheduler.submit(spec);
  } catch (error) {
    if (!isPortalError(error)) throw error;
    return { outcome: "unknown", words: error.words ?? error.message };
  }
}

function patchFor(answer: Submitted, scratch: string | null, now: Date): SessionPatch {
  switch (answer.outcome) {
    case "accepted":
      return {
        state: "queued",
        jobId: answer.jobId,
        directory: answer.directory,
        scratch,
        queuedAt: now,
        endWords: null,
      };
    case "rejected":
      return {
        state: "ended",
        endReason: "rejected",
        endDetail: rejectionSentence(answer.words),
        endWords: answer.words,
        endedAt: now,
        cleanedAt: now,
      };
    case "unknown":
      // Shown under "submitting" while the reconciler looks for the job.
      return { endWords: answer.words };
  }
}

async function record(row: SessionRow, answer: Submitted, scratch: string | null): Promise<void> {
  await transaction(async (tx) => {
    const patch = patchFor(answer, scratch, new Date());
    // A session that was told to stop meanwhile stays stopping; the reconciler cancels the job it now knows of.
    const kept =
      row.stopRequestedAt && answer.outcome === "accepted" ? { ...patch, state: "stopping" as const } : patch;
    if (!(await recordSubmitted(tx, row.id, kept))) return;
    const subject = { kind: "session", id: row.id };
    const data = answer.outcome === "accepted" ? { jobId: answer.jobId } : { words: answer.words };
    await recordEvent(tx, {
      actor: { kind: "system" },
      action: `session.${answer.outcome}`,
      subject,
      ownerId: row.ownerId,
      data,
    });
    await notify(tx, { kind: "session", id: row.id, ownerId: row.ownerId });
  });
}

/** Submits and records. Returns the row as it then is. */
export async function submitSession(row: SessionRow): Promise<SessionRow> {
  inFlight().add(row.id);
  try {
    const { spec, scratch } = await specOf(row);
    killPoint("before-submit");
    const answer = await ask(row, spec);
    killPoint("after-submit");
    const now = await readSession(db(), { everyone: true }, row.id);
    await record(now, answer, scratch);
    killPoint("after-record");
  } finally {
    inFlight().delete(row.id);
  }
  return readSession(db(), { everyone: true }, row.id);
}
