// Every query of audited events and of the chain over them. There is none that changes or removes one.
import type { Tx } from "@/lib/db";
import type { Event, EventSeal, Prisma } from "@/prisma/generated/client";

export type EventRow = Event;
export type SealRow = EventSeal;

export async function insertEvent(tx: Tx, row: Prisma.EventUncheckedCreateInput): Promise<void> {
  await tx.event.create({ data: row });
}

/** The newest event's id, or 0. */
export async function newestEventId(tx: Tx): Promise<bigint> {
  return (await tx.event.aggregate({ _max: { id: true } }))._max.id ?? 0n;
}

/** Events with `after` < id <= `upTo`, oldest first. */
export async function eventsBetween(tx: Tx, [after, upTo]: [bigint, bigint], most: number): Promise<EventRow[]> {
  return tx.event.findMany({ where: { id: { gt: after, lte: upTo } }, orderBy: { id: "asc" }, take: most });
}

export async function countEventsAfter(tx: Tx, id: bigint): Promise<{ count: number; oldestAt: Date | null }> {
  const found = await tx.event.aggregate({ where: { id: { gt: id } }, _count: true, _min: { at: true } });
  return { count: found._count, oldestAt: found._min.at };
}

/**
 * Transaction ids of this moment: every one below `settled` has ended, and none has `next` yet.
 * https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-PG-SNAPSHOT
 */
export async function transactionHorizon(tx: Tx): Promise<{ settled: bigint; next: bigint }> {
  const [row] = await tx.$queryRaw<{ settled: string; next: string }[]>`
    select pg_snapshot_xmin(snapshot)::text as settled, pg_snapshot_xmax(snapshot)::text as next
    from pg_current_snapshot() as snapshot`;
  if (!row) throw new Error("The database gave no snapshot.");
  return { settled: BigInt(row.settled), next: BigInt(row.next) };
}

export async function lastSeal(tx: Tx): Promise<SealRow | null> {
  return tx.eventSeal.findFirst({ orderBy: { number: "desc" } });
}

/** Fails when another process has sealed meanwhile: the number is unique. */
export async function insertSeal(tx: Tx, row: Omit<SealRow, "sealedAt">): Promise<void> {
  await tx.eventSeal.create({ data: row });
}

/** Links after `number`, in order. */
export async function sealsAfter(tx: Tx, number: number, most: number): Promise<SealRow[]> {
  return tx.eventSeal.findMany({ where: { number: { gt: number } }, orderBy: { number: "asc" }, take: most });
}
