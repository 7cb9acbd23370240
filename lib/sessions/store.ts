// Every query of sessions, with the owner's scope in the `where`. Changes are compare-and-set on the row's revision,
// so that two processes that look at the same session never both act on it.

import type { Tx } from "@/lib/db";
import { literal } from "@/lib/db/literal";
import { PortalError } from "@/lib/errors";
import type { EndReason, SessionState } from "@/lib/sessions/schema";
import type { Prisma, Session } from "@/prisma/generated/client";

export type SessionRow = Session;
/** What lists hold: the kept end of a log is up to 32 KiB a row, and nobody looks at it there. */
export type ListedRow = Omit<SessionRow, "logTail"> & { owner?: { id: string; name: string } };
export type SessionPatch = Prisma.SessionUncheckedUpdateInput & { state?: SessionState; endReason?: EndReason };

/** Whose sessions are meant: a person's own, or (operators and admins) anybody's. */
export type Scope = { ownerId: string } | { everyone: true };

const owned = (scope: Scope): Prisma.SessionWhereInput => ("ownerId" in scope ? { ownerId: scope.ownerId } : {});

export async function insertSession(tx: Tx, row: Prisma.SessionUncheckedCreateInput): Promise<SessionRow> {
  return tx.session.create({ data: row });
}

export async function findByKey(tx: Tx, ownerId: string, idempotencyKey: string): Promise<SessionRow | null> {
  return tx.session.findUnique({ where: { ownerId_idempotencyKey: { ownerId, idempotencyKey } } });
}

/** The session, or `not_found`: the same for one that is not yours and one that never was. */
export async function readSession(tx: Tx, scope: Scope, id: string): Promise<SessionRow> {
  const row = await tx.session.findFirst({ where: { id, ...owned(scope) } });
  if (!row) throw new PortalError("not_found", "There is no such session.");
  return row;
}

/** As readSession, and nobody else changes it until the transaction ends. */
export async function lockSession(tx: Tx, scope: Scope, id: string): Promise<SessionRow> {
  await tx.$queryRaw`SELECT 1 FROM "Session" WHERE id = ${id} FOR UPDATE`;
  return readSession(tx, scope, id);
}

export type SessionFilter = { state?: "live" | SessionState; search?: string; limit: number; cursor?: string };

function found(search: string, scope: Scope): Prisma.SessionWhereInput[] {
  const matches = { contains: literal(search), mode: "insensitive" as const };
  const own = [{ name: matches }, { template: matches }, { id: matches }, { jobId: matches }, { node: matches }];
  return "everyone" in scope ? [...own, { unixAccount: matches }, { owner: { name: matches } }] : own;
}

/** What a list of this kind goes by: of sessions that ended, which one ended last. */
export const orderOf = ({ state }: Pick<SessionFilter, "state">): "endedAt" | "submittedAt" =>
  state === "ended" ? "endedAt" : "submittedAt";

/** Newest first; one more than `limit` rows tells that there is a next page. The cursor is `<ms of what it goes by>.<id>`. */
export async function listSessions(tx: Tx, scope: Scope, filter: SessionFilter): Promise<ListedRow[]> {
  const { state, search, limit, cursor } = filter;
  const [, at, id] = /^(\d{1,14})\.([a-z][a-z0-9]{15})$/.exec(cursor ?? "") ?? [];
  if (cursor && !id) throw new PortalError("invalid", "Not a cursor of this list.");
  const before = id ? new Date(Number(at)) : null;
  const by = orderOf(filter);
  return tx.session.findMany({
    where: {
      AND: [
        owned(scope),
        state === "live" ? { state: { not: "ended" } } : state ? { state } : {},
        search ? { OR: found(search, scope) } : {},
        before ? { OR: [{ [by]: { lt: before } }, { [by]: before, id: { lt: id } }] } : {},
      ],
    },
    omit: { logTail: true },
    ...("everyone" in scope ? { include: { owner: { select: { id: true, name: true } } } } : {}),
    orderBy: [{ [by]: "desc" }, { id: "desc" }],
    take: limit + 1,
  });
}

/** How many sessions of these clusters are not yet cleaned up, by state. */
export async function countOpen(
  tx: Tx,
  clusters: string[],
): Promise<{ cluster: string; state: string; count: number }[]> {
  const where = { cluster: { in: clusters }, cleanedAt: null };
  const groups = await tx.session.groupBy({ by: ["cluster", "state"], where, _count: true });
  return groups.map(({ cluster, state, _count }) => ({ cluster, state, count: _count }));
}

/** What the reconciler of a cluster looks after: everything that is not yet cleaned up, hence all that lives. */
export async function openSessions(tx: Tx, cluster: string): Promise<SessionRow[]> {
  return tx.session.findMany({
    where: { cluster, cleanedAt: null },
    orderBy: { submittedAt: "asc" },
  });
}

/** Some sessions that were cleaned up before `before` and still have a directory on the cluster, the oldest first. */
export async function sessionsToSweep(
  tx: Tx,
  cluster: string,
  given: { before: Date; now: Date; limit: number },
): Promise<SessionRow[]> {
  const { before, now, limit } = given;
  const due = [{ nextCleanAt: null }, { nextCleanAt: { lt: now } }];
  return tx.session.findMany({
    where: { cluster, state: "ended", cleanedAt: { lt: before }, directory: { not: null }, OR: due },
    orderBy: { cleanedAt: "asc" },
    take: limit,
  });
}

/** Sessions that nobody looks after: their cluster is none of `clusters`. */
export async function sessionsElsewhere(tx: Tx, clusters: string[]): Promise<SessionRow[]> {
  return tx.session.findMany({ where: { cluster: { notIn: clusters }, state: { not: "ended" } } });
}

/** Sessions of one cluster by id, whoever owns them: for jobs that carry our tag. */
export async function sessionsById(tx: Tx, cluster: string, ids: string[]): Promise<SessionRow[]> {
  return tx.session.findMany({ where: { cluster, id: { in: ids } } });
}

/** Applies `patch` if the row is still as it was read. Null when somebody else changed it meanwhile: look again. */
export async function changeSession(tx: Tx, row: SessionRow, patch: SessionPatch): Promise<SessionRow | null> {
  const { count } = await tx.session.updateMany({
    where: { id: row.id, revision: row.revision },
    data: { ...patch, revision: row.revision + 1 },
  });
  return count === 0 ? null : tx.session.findUnique({ where: { id: row.id } });
}

/** Ids of a person's sessions that are neither ended nor being stopped. */
export async function runningOf(tx: Tx, ownerId: string): Promise<string[]> {
  const where = { ownerId, state: { notIn: ["ended", "stopping"] } };
  return (await tx.session.findMany({ where, select: { id: true } })).map(({ id }) => id);
}

/** Forgets absences: they must be continuous, and a scheduler that did not answer says nothing. */
export async function forgetAbsences(tx: Tx, cluster: string, unixAccounts?: string[]): Promise<void> {
  const whose = unixAccounts ? { unixAccount: { in: unixAccounts } } : {};
  await tx.session.updateMany({
    where: { cluster, absentSince: { not: null }, ...whose },
    data: { absentSince: null },
  });
}

/** What an ended session used. Once per session, however often it is tried. */
export async function writeUsage(tx: Tx, usage: Prisma.UsageRecordUncheckedCreateInput): Promise<void> {
  await tx.usageRecord.upsert({ where: { sessionId: usage.sessionId }, create: usage, update: {} });
}
