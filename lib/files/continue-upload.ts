// An upload that goes on: how much is there, the next piece, giving it up. What is there is asked of the cluster each time, so
// neither a reload nor a restart of the portal makes a difference.
import type { PersonActor } from "@/lib/actor";
import { config } from "@/lib/config";
import { db } from "@/lib/db";
import { isPortalError, PortalError } from "@/lib/errors";
import { recordFileEvent } from "@/lib/files/audit";
import { finish } from "@/lib/files/finish-upload";
import { ask, type FilePlace, filePlace, pathBytes, scriptFault, start } from "@/lib/files/place";
import { displayPath, joinPath } from "@/lib/files/rules";
import type { UploadView } from "@/lib/files/schema";
import * as store from "@/lib/files/store";
import { LENGTH, REMOVE, WRITE } from "@/lib/files/upload-scripts";
import { type LimitedBody, limitedBody } from "@/lib/http/limited-body";
import { once } from "@/lib/once";

const DAY_MS = 86_400_000;

export const expiryOf = ({ lastActivityAt }: store.UploadRow): Date =>
  new Date(lastActivityAt.getTime() + config().files.keepUploadsDays * DAY_MS);

function view(row: store.UploadRow): UploadView {
  const { id, cluster, folder, name } = row;
  return {
    ...{ id, cluster, folder, name: displayPath(name), path: joinPath(folder, name), size: Number(row.size) },
    ...{ createdAt: row.createdAt.toISOString(), expiresAt: expiryOf(row).toISOString() },
  };
}

/** The actor's uploads that are not finished, newest first. */
export async function listUploads(actor: PersonActor): Promise<{ items: UploadView[]; nextCursor: null }> {
  return { items: (await store.listUnfinished(db(), actor.userId)).map(view), nextCursor: null };
}

type Known = { row: store.UploadRow; place: FilePlace };

async function known(actor: PersonActor, id: string): Promise<Known> {
  const row = await store.readUpload(db(), actor.userId, id);
  const place = await filePlace(actor, row.cluster);
  if (place.user !== row.unixAccount) throw new PortalError("not_found", "The account is another one now");
  return { row, place };
}

/** Pieces that are being written by this process: of one upload there is never more than one. */
type Writing = { body: LimitedBody; done: Promise<unknown>; isTakenOver: boolean };
const writings = () => once("files.writings", () => new Map<string, Writing>());

async function takeOver(id: string, former: Writing): Promise<void> {
  former.isTakenOver = true;
  former.body.stop();
  await former.done.catch(() => {});
  if (writings().get(id) === former) writings().delete(id);
}

/** A client that asks again has given up on what it sent before, also when we have not noticed yet. */
async function endFormer(id: string): Promise<void> {
  for (let former = writings().get(id); former; former = writings().get(id)) await takeOver(id, former);
}

/** Bytes that are on the cluster. Throws `not_found` when the partial file is gone. */
export async function uploadOffset(actor: PersonActor, id: string): Promise<{ row: store.UploadRow; offset: number }> {
  const { row, place } = await known(actor, id);
  if (row.finishedAt) return { row, offset: Number(row.size) };
  await endFormer(id);
  const length = await ask(place, { script: LENGTH, args: [pathBytes(row.folder), id] });
  return { row, offset: Number(length.toString()) };
}

async function write({ row, place }: Known, offset: number, body: LimitedBody): Promise<void> {
  const asking = { script: WRITE, args: [pathBytes(row.folder), row.id, offset], stdin: body.stream };
  const running = await start(place, asking);
  running.stdout.resume();
  const { code, stderr } = await running.exit;
  if (code !== 0) throw scriptFault(code, stderr);
}

/** Takes the next piece; the last one puts the file in its place. Answers how much is there now. */
export async function writePiece(
  actor: PersonActor,
  id: string,
  { request, offset }: { request: Request; offset: number },
) {
  const found = await known(actor, id);
  const { row, place } = found;
  const size = Number(row.size);
  if (offset > size || (row.finishedAt && offset < size))
    throw new PortalError("conflict", "The upload is not there yet, or over.");
  if (row.finishedAt) return { row, offset };
  // Not endFormer(): of several that wait here, one begins in the very moment in which it sees that nobody writes.
  for (let former = writings().get(id); former; former = writings().get(id)) await takeOver(id, former);
  const body = limitedBody(request, size - offset);
  const done = write(found, offset, body);
  const writing: Writing = { body, done, isTakenOver: false };
  writings().set(id, writing);
  try {
    await done;
  } catch (error) {
    if (writing.isTakenOver) throw new PortalError("locked", "Another request goes on with this upload.");
    if (isPortalError(error) && error.code === "conflict" && !error.words) {
      throw new PortalError("conflict", "The piece does not begin where the upload ends: ask how much is there.");
    }
    throw error;
  } finally {
    if (writings().get(id) === writing) writings().delete(id);
    await store.touchUpload(db(), id);
  }
  if (writing.isTakenOver) throw new PortalError("locked", "Another request goes on with this upload.");
  const now = offset + body.received();
  const fault = body.fault();
  if (fault) throw fault;
  if (now === size) await finish(actor, place, row);
  return { row, offset: now };
}

/** Again, where a file of that name had come meanwhile. */
export async function finishAgain(actor: PersonActor, id: string, overwrite: boolean): Promise<UploadView> {
  const { row, place } = await known(actor, id);
  if (!row.finishedAt) await finish(actor, place, { ...row, overwrite });
  return view(row);
}

/** Gives an upload up: its partial file goes, too. */
export async function endUpload(actor: PersonActor, id: string): Promise<void> {
  const { row, place } = await known(actor, id);
  await endFormer(id);
  if (!row.finishedAt) await remove(place, row);
  await store.deleteUpload(db(), id);
  const paths = [joinPath(row.folder, row.name)];
  if (!row.finishedAt) await recordFileEvent(actor, { action: "file.upload-ended", cluster: row.cluster, paths });
}

/** Removes the partial file; that it is gone already is fine. */
export async function remove(place: FilePlace, row: store.UploadRow): Promise<void> {
  await ask(place, { script: REMOVE, args: [pathBytes(row.folder), row.id] }).catch((error: unknown) => {
    if (!isPortalError(error) || error.code !== "not_found") throw error;
  });
}
