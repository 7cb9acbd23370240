// Stopping a session: the wish is recorded first, then the job is cancelled as its owner; the reconciler repeats the
// cancel until the scheduler says that the job is gone, and only then is the session ended.
import { type Actor, isStaff } from "@/lib/actor";
import { recordEvent } from "@/lib/audit/record-event";
import { cluster } from "@/lib/clusters/cluster";
import { db, notify, transaction } from "@/lib/db";
import { killPoint } from "@/lib/kill-point";
import { log } from "@/lib/log";
import type { SessionView } from "@/lib/sessions/schema";
import { changeSession, lockSession, readSession, runningOf, type Scope, type SessionRow } from "@/lib/sessions/store";
import { viewSession } from "@/lib/sessions/view-session";

/** A person's own sessions; operators and admins may act on anybody's. */
export const scopeOf = (actor: Actor): Scope =>
  actor.kind === "system" || isStaff(actor) ? { everyone: true } : { ownerId: actor.userId };

const isOwner = (actor: Actor, row: SessionRow): boolean => actor.kind !== "system" && actor.userId === row.ownerId;

async function markStopping(actor: Actor, id: string): Promise<SessionRow> {
  return transaction(async (tx) => {
    const row = await lockSession(tx, scopeOf(actor), id);
    if (row.state === "ended" || row.state === "stopping") return row;
    const changed = await changeSession(tx, row, {
      state: "stopping",
      stopRequestedAt: new Date(),
      endDetail: isOwner(actor, row) ? null : "Your support stopped it.",
      looks: 0,
      lastLookAt: null,
    });
    const subject = { kind: "session", id };
    await recordEvent(tx, { actor, action: "session.stop", subject, ownerId: row.ownerId, data: { from: row.state } });
    await notify(tx, { kind: "session", id, ownerId: row.ownerId });
    return changed ?? row;
  });
}

async function cancel(actor: Actor, row: SessionRow): Promise<void> {
  if (row.state !== "stopping" || !row.jobId) return;
  await cluster(row.cluster, actor).scheduler.control(row.unixAccount, row.jobId, { kind: "cancel" });
}

/** Asks for the end of a session. Doing it again, or for one that has ended, changes nothing. */
export async function stopSession(actor: Actor, id: string): Promise<SessionView> {
  const row = await markStopping(actor, id);
  killPoint("after-stop-intent");
  // A cluster that does not answer now, or is not configured any more, is asked again by the reconciler.
  await cancel(actor, row).catch((error: unknown) => log().warn({ err: error, id }, "session.cancel-will-be-repeated"));
  return viewSession(await readSession(db(), scopeOf(actor), id));
}

/** Asks for the end of everything a person has open. What a cluster does not take now, the reconciler asks again. */
export async function stopSessionsOf(actor: Actor, ownerId: string): Promise<void> {
  await Promise.all((await runningOf(db(), ownerId)).map((id) => stopSession(actor, id)));
}
