// Asking for a session. The intent is committed before the cluster is asked, so that whatever happens afterwards,
// the reconciler knows of it; the answer of the cluster is recorded by submitSession.
import { createHash } from "node:crypto";
import type { PersonActor } from "@/lib/actor";
import { recordEvent } from "@/lib/audit/record-event";
import { readUser } from "@/lib/auth/store";
import { db, lockedTransaction, notify, type Tx } from "@/lib/db";
import { PortalError } from "@/lib/errors";
import { killPoint } from "@/lib/kill-point";
import { judge, useOf } from "@/lib/policy/rules";
import { findPlace, type Place, personalCircumstances } from "@/lib/sessions/judge-request";
import { newSessionId } from "@/lib/sessions/new-id";
import type { ResourceRequest, SessionView } from "@/lib/sessions/schema";
import { findByKey, insertSession, type SessionRow } from "@/lib/sessions/store";
import { submitSession } from "@/lib/sessions/submit-session";
import { viewSession } from "@/lib/sessions/view-session";
import { directoryOf, scratchOf } from "@/lib/templates/to-job-spec";

/** Key order must not matter: the same wish written differently is the same wish. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, canonical(inner)]),
  );
}

const hashOf = (request: ResourceRequest): string =>
  createHash("sha256")
    .update(JSON.stringify(canonical(request)))
    .digest("hex");

function sameWish(row: SessionRow, request: ResourceRequest): SessionRow {
  if (row.requestHash === hashOf(request)) return row;
  throw new PortalError("conflict", "This Idempotency-Key was used for another request. Use a new one.");
}

type Wish = { request: ResourceRequest; key: string; place: Place };

/** Judges and inserts, or returns what the same key made before. The person is locked, so that quota cannot be raced. */
async function reserve(
  tx: Tx,
  actor: PersonActor,
  { request, key, place }: Wish,
): Promise<{ row: SessionRow; fresh: boolean }> {
  // Disabled while this request was on its way: nothing of theirs may start after that.
  if ((await readUser(tx, actor.userId)).disabledAt) throw new PortalError("unauthenticated", "Your login has ended.");
  const known = await findByKey(tx, actor.userId, key);
  if (known) return { row: sameWish(known, request), fresh: false };
  const verdict = judge(request, { ...place.circumstances, ...(await personalCircumstances(tx, actor)) });
  if (!verdict.allowed) {
    const fields = Object.fromEntries(verdict.reasons.toReversed().map((reason) => [reason.field, reason.message]));
    throw new PortalError("denied", verdict.reasons.map((reason) => reason.message).join(" "), { fields });
  }
  const use = useOf(request);
  const id = newSessionId();
  const where = { sessionId: id, owner: place.unixAccount, cluster: place.cluster.config };
  const row = await insertSession(tx, {
    id,
    ownerId: actor.userId,
    idempotencyKey: key,
    requestHash: hashOf(request),
    name: request.name || place.template.manifest.title,
    template: request.template,
    templateVersion: place.template.version,
    cluster: request.cluster,
    unixAccount: place.unixAccount,
    request,
    nodes: request.nodes ?? 1,
    cpus: request.cpus,
    memoryGiB: request.memoryGiB,
    gpus: request.gpus ?? 0,
    partition: place.partition?.name ?? request.partition ?? null,
    account: request.account ?? null,
    // Known before anybody answers: a job that is adopted later has its files there all the same.
    directory: directoryOf(where),
    scratch: scratchOf(request, where),
    state: "submitting",
  });
  const subject = { kind: "session", id: row.id };
  await recordEvent(tx, { actor, action: "session.create", subject, ownerId: actor.userId, data: { request, use } });
  await notify(tx, { kind: "session", id: row.id, ownerId: actor.userId });
  return { row, fresh: true };
}

/**
 * Makes a session for `request`, once per (person, key). Returns it as it stands after the cluster was asked: queued,
 * ended (rejected) with the scheduler's words, or still submitting when nobody knows yet.
 * Throws `denied` with one sentence per field, `conflict` when the key was used for another request.
 */
export async function createSession(actor: PersonActor, request: ResourceRequest, key: string): Promise<SessionView> {
  // Before anything is judged: what the same key made is the answer, also where its template or cluster is gone by now.
  const known = await findByKey(db(), actor.userId, key);
  if (known) return viewSession(sameWish(known, request));
  const place = await findPlace(actor, request, true);
  const { row, fresh } = await lockedTransaction(`owner:${actor.userId}`, (tx) =>
    reserve(tx, actor, { request, key, place }),
  );
  killPoint("after-intent");
  if (!fresh) return viewSession(row);
  return viewSession(await submitSession(actor, row));
}
