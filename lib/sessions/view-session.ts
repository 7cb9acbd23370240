// A session row as the API shows it. Hides secrets and bookkeeping; adds what is known of the cluster's silence.
import { snapshotOf } from "@/lib/clusters/snapshot";
import { clusterNames } from "@/lib/config";
import { waitSentence } from "@/lib/scheduler/rules";
import type { SessionView } from "@/lib/sessions/schema";
import type { ListedRow } from "@/lib/sessions/store";
import { templates } from "@/lib/templates/template";

type Queue = { position: number | null; reason: string; expectedStartAt: string | null };

const iso = (at: Date | null): string | null => at?.toISOString() ?? null;

function queueOf(row: ListedRow): SessionView["queue"] {
  if (row.state !== "queued" || !row.queue) return null;
  // The column is written by the reconciler alone, from this type.
  const queue = row.queue as Queue;
  return { ...queue, reason: waitSentence(queue.reason, { partition: row.partition }), words: queue.reason };
}

/** Taken out of portal.yaml: nobody looks after its sessions any more, and after their time they are ended. */
const isOfRemovedCluster = (row: ListedRow): boolean => !clusterNames().includes(row.cluster);

/** Since when the row may be out of date: the scheduler has not answered. Null when it has, or when nothing can change. */
async function staleSince(row: ListedRow): Promise<string | null> {
  if (row.state === "ended") return null;
  if (isOfRemovedCluster(row)) return iso(row.updatedAt);
  const { failedSince } = await snapshotOf(row.cluster);
  return iso(failedSince);
}

/** The row as shown to its owner. */
export async function viewSession(row: ListedRow): Promise<SessionView> {
  const manifest = templates().get(row.template)?.manifest;
  return {
    id: row.id,
    owner: row.owner,
    name: row.name,
    template: row.template,
    templateTitle: manifest?.title ?? row.template,
    templateVersion: row.templateVersion,
    // The four columns below hold what rules.ts and the schema allow; the database keeps them as text and JSON.
    state: row.state as SessionView["state"],
    endReason: row.endReason as SessionView["endReason"],
    request: row.request as SessionView["request"],
    native: row.native as SessionView["native"],
    endDetail: row.endDetail,
    endWords: row.endWords,
    jobId: row.jobId,
    cluster: row.cluster,
    partition: row.partition,
    account: row.account,
    unixAccount: row.unixAccount,
    node: row.node,
    directory: row.directory,
    submittedAt: row.submittedAt.toISOString(),
    queuedAt: iso(row.queuedAt),
    startedAt: iso(row.startedAt),
    readyAt: iso(row.readyAt),
    endsAt: iso(row.endsAt),
    limitAt: iso(row.limitAt),
    stopRequestedAt: iso(row.stopRequestedAt),
    endedAt: iso(row.endedAt),
    lastActivityAt: iso(row.lastActivityAt),
    queue: queueOf(row),
    staleSince: await staleSince(row),
    clusterRemoved: row.state !== "ended" && isOfRemovedCluster(row),
    sharedNodeWarning: manifest?.auth === "door" && manifest.upstream === "loopback",
  };
}
