// A job of ours that no row knows: the database was restored from an older backup. Its session is made again from the
// record in its directory and what the scheduler says. Nothing is ever cancelled here.
import { recordEvent } from "@/lib/audit/record-event";
import { holdersOf } from "@/lib/auth/store";
import { clusterConfig } from "@/lib/config";
import { db, notify, transaction } from "@/lib/db";
import { instanceId } from "@/lib/instance";
import { useOf } from "@/lib/policy/rules";
import type { Job } from "@/lib/scheduler/scheduler";
import { readRecord, type SessionRecord } from "@/lib/sessions/session-record";
import { findByKey, insertSession } from "@/lib/sessions/store";
import { directoryOf, scratchOf } from "@/lib/templates/to-job-spec";

/** Why it was left alone, or that it was not. */
export type Restored = "restored" | "of a person the portal does not know" | "without a record" | "of another portal";

type Orphan = { cluster: string; id: string; job: Job };

/** Of several people on one account (the one-machine engine) the record says who. */
function ownerOf(holders: string[], record: SessionRecord): string | null {
  return holders.length === 1 ? (holders[0] ?? null) : (holders.find((userId) => userId === record.owner) ?? null);
}

/** Makes the row of `job`, which has none. Throws when the cluster or the database do not answer. */
export async function restoreSession({ cluster, id, job }: Orphan): Promise<Restored> {
  const holders = await holdersOf(db(), cluster, job.owner);
  if (holders.length === 0) return "of a person the portal does not know";
  const where = { sessionId: id, owner: job.owner, cluster: clusterConfig(cluster) };
  const record = await readRecord({ cluster, unixAccount: job.owner, directory: directoryOf(where) });
  if (record?.id !== id || record.request.cluster !== cluster) return "without a record";
  if (record.instance !== (await instanceId())) return "of another portal";
  const ownerId = ownerOf(holders, record);
  if (!ownerId) return "of a person the portal does not know";
  await insert(record, { ownerId, job, where });
  return "restored";
}

type Where = Parameters<typeof directoryOf>[0];

async function insert(record: SessionRecord, given: { ownerId: string; job: Job; where: Where }): Promise<void> {
  const { ownerId, job, where } = given;
  const { id, request, requestHash, name, templateVersion } = record;
  const { nodes = 1, cpus, memoryGiB, gpus = 0 } = request;
  await transaction(async (tx) => {
    // The same key may have been used again since: then that session is the one it means.
    const taken = await findByKey(tx, ownerId, record.idempotencyKey);
    await insertSession(tx, {
      ...{ id, ownerId, requestHash, name, templateVersion, request, nodes, cpus, memoryGiB, gpus },
      idempotencyKey: taken ? `restored-${id}` : record.idempotencyKey,
      template: request.template,
      cluster: request.cluster,
      unixAccount: job.owner,
      partition: job.partition,
      account: job.account,
      directory: directoryOf(where),
      scratch: scratchOf(request, where),
      // Where it stands is for the next look at the queue to say.
      state: "queued",
      jobId: job.id,
      submittedAt: job.submittedAt,
      queuedAt: job.submittedAt,
    });
    const data = { jobId: job.id, use: useOf(request) };
    const subject = { kind: "session", id };
    await recordEvent(tx, { actor: { kind: "system" }, action: "session.restored", subject, ownerId, data });
    await notify(tx, { kind: "session", id, ownerId });
  });
}
