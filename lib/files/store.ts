// Every query of uploads.
import type { Tx } from "@/lib/db";
import { PortalError } from "@/lib/errors";
import type { Prisma, Upload } from "@/prisma/generated/client";

export type UploadRow = Upload;

const MANY = 500;

/** Nobody goes on with it, or was ever told of it: only the sweep wants it. */
const GIVEN_UP = new Date(0);
const unfinished = (ownerId: string) => ({ ownerId, finishedAt: null, lastActivityAt: { gt: GIVEN_UP } });

export async function insertUpload(tx: Tx, row: Prisma.UploadUncheckedCreateInput): Promise<UploadRow> {
  return tx.upload.create({ data: row });
}

export async function countUnfinished(tx: Tx, ownerId: string): Promise<number> {
  return tx.upload.count({ where: unfinished(ownerId) });
}

export async function listUnfinished(tx: Tx, ownerId: string): Promise<UploadRow[]> {
  return tx.upload.findMany({
    where: unfinished(ownerId),
    orderBy: [{ createdAt: "desc" }, { id: "asc" }],
    take: MANY,
  });
}

/** The owner's upload, or `not_found`. */
export async function readUpload(tx: Tx, ownerId: string, id: string): Promise<UploadRow> {
  const row = await tx.upload.findFirst({ where: { id, ownerId } });
  if (!row) throw new PortalError("not_found", "No such upload");
  return row;
}

export async function placeUpload(tx: Tx, id: string, folder: string): Promise<void> {
  await tx.upload.updateMany({ where: { id }, data: { folder } });
}

/** For the sweep to remove at its next round. */
export async function giveUp(tx: Tx, id: string, folder: string): Promise<void> {
  await tx.upload.updateMany({ where: { id }, data: { folder, lastActivityAt: GIVEN_UP } });
}

export async function touchUpload(tx: Tx, id: string): Promise<void> {
  await tx.upload.updateMany({ where: { id }, data: { lastActivityAt: new Date() } });
}

/** Marks it finished; false when it was before, or is gone. */
export async function finishUpload(tx: Tx, id: string): Promise<boolean> {
  const now = new Date();
  const data = { finishedAt: now, lastActivityAt: now };
  return (await tx.upload.updateMany({ where: { id, finishedAt: null }, data })).count === 1;
}

export async function deleteUpload(tx: Tx, id: string): Promise<boolean> {
  return (await tx.upload.deleteMany({ where: { id } })).count === 1;
}

type GivenUp = { cluster: string; before: Date; after: string };

/** Those to which nothing came since `before`, some at a time: with ids beyond `after`, in order. */
export async function listGivenUp(tx: Tx, { cluster, before, after }: GivenUp): Promise<UploadRow[]> {
  const where = { cluster, finishedAt: null, lastActivityAt: { lt: before }, id: { gt: after } };
  return tx.upload.findMany({ where, orderBy: { id: "asc" }, take: MANY });
}

export async function forgetFinished(tx: Tx, before: Date): Promise<void> {
  await tx.upload.deleteMany({ where: { finishedAt: { lt: before } } });
}
