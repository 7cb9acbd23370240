// An upload that goes on: how much is there, the next piece, giving it up. What is there is asked of the cluster each time, so
// neither a reload nor a restart of the portal makes a difference.
import { setTimeout as pause } from "node:timers/promises";
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

/** What this process does on uploads now: on one upload never more than one thing. `stop` ends the bytes that still come. */
type Work<Result> = { stop: () => void; done: Promise<Result> };
type Writing = Work<unknown> & { isTakenOver: boolean };
const writings = () => once("files.writings", () => new Map<string, Writing>());

async function takeOver(id: string, former: Writing): Promise<void> {
  former.isTakenOver = true;
  former.stop();
  await former.done.catch(() => {});
  if (writings().get(id) === former) writings().delete(id);
}

/**
 * Does one thing on an upload, once what was done on it before has ended. A client that asks again has given up on what it sent
 * before, also when we have not noticed yet; but a file that is being put in its place is waited for.
 */
async function alone<Result>(id: string, begin: (isTakenOver: () => boolean) => Work<Result>): Promise<Result> {
  // Of several that wait here, one begins in the very moment in which it sees that nobody writes.
  for (let former = writings().get(id); former; former = writings().get(id)) await takeOver(id, former);
  const state = { isTakenOver: false };
  const writing = Object.assign(
    state,
    begin(() => state.isTakenOver),
  );
  writings().set(id, writing);
  try {
    return await writing.done;
  } finally {
    if (writings().get(id) === writing) writings().delete(id);
  }
}

/** Long enough for a portal that has placed a file to note that. */
const MOMENT_MS = 1000;

/** Does `act`. Where the partial file is gone, another portal may have finished the upload, and say so a moment later. */
async function asItIs<Result>(actor: PersonActor, id: string, act: (known: Known) => Promise<Result>): Promise<Result> {
  const found = await known(actor, id);
  try {
    return await act(found);
  } catch (error) {
    if (!isPortalError(error) || error.code !== "not_found" || found.row.finishedAt) throw error;
    for (const wait of [0, MOMENT_MS]) {
      await pause(wait);
      const now = await known(actor, id);
      if (now.row.finishedAt) return act(now);
    }
    throw error;
  }
}

/** As `alone`, for what is soon over and not stopped. The row is read anew: what was waited for may have finished the upload. */
async function settled<Result>(
  actor: PersonActor,
  id: string,
  act: (known: Known) => Promise<Result>,
): Promise<Result> {
  await store.readUpload(db(), actor.userId, id);
  return alone(id, () => ({ stop: () => {}, done: asItIs(actor, id, act) }));
}

const partOf = ({ folder, id, name }: store.UploadRow) => [pathBytes(folder), id, pathBytes(name)];

type Offset = { row: store.UploadRow; offset: number };

/**
 * Bytes that are on the cluster. An upload of which all are there is finished first, where that was broken off or failed before:
 * whoever learns that all is there takes the file for placed. Throws `not_found` when the partial file is gone, and what
 * `finish` throws.
 */
export function uploadOffset(actor: PersonActor, id: string): Promise<Offset> {
  return settled(actor, id, async ({ row, place }) => {
    const size = Number(row.size);
    if (row.finishedAt) return { row, offset: size };
    const length = await ask(place, { script: LENGTH, args: partOf(row) });
    const offset = Number(length.toString());
    if (offset === size) await finish(actor, place, row);
    return { row, offset };
  });
}

async function write({ row, place }: Known, offset: number, body: LimitedBody): Promise<void> {
  const asking = { script: WRITE, args: [pathBytes(row.folder), row.id, offset], stdin: body.stream };
  const running = await start(place, asking);
  running.stdout.resume();
  const { code, stderr } = await running.exit;
  if (code !== 0) throw scriptFault(code, stderr);
}

const locked = () => new PortalError("locked", "Another request goes on with this upload.");

type Piece = { offset: number; body: LimitedBody; isTakenOver: () => boolean };

async function writeWhole(found: Known, { offset, body, isTakenOver }: Piece): Promise<number> {
  try {
    await write(found, offset, body);
  } catch (error) {
    if (isTakenOver()) throw locked();
    if (isPortalError(error) && error.code === "conflict" && !error.words) {
      throw new PortalError("conflict", "The piece does not begin where the upload ends: ask how much is there.");
    }
    throw error;
  } finally {
    await store.touchUpload(db(), found.row.id);
  }
  // Stopped: what was still on its way to the cluster is lost, however much had come here.
  if (isTakenOver()) throw locked();
  const fault = body.fault();
  if (fault) throw fault;
  return offset + body.received();
}

async function takePiece(actor: PersonActor, id: string, piece: Piece): Promise<Offset> {
  const found = await known(actor, id);
  const { row, place } = found;
  const size = Number(row.size);
  if (piece.offset > size || (row.finishedAt && piece.offset < size))
    throw new PortalError("conflict", "The upload is not there yet, or over.");
  if (row.finishedAt) return { row, offset: size };
  if (piece.isTakenOver()) throw locked();
  const now = await writeWhole(found, piece);
  if (now === size) await finish(actor, place, row);
  return { row, offset: now };
}

/** Takes the next piece; the last one puts the file in its place. Answers how much is there now. */
export async function writePiece(
  actor: PersonActor,
  id: string,
  { request, offset }: { request: Request; offset: number },
): Promise<Offset> {
  const { size } = await store.readUpload(db(), actor.userId, id);
  return alone(id, (isTakenOver) => {
    const body = limitedBody(request, Math.max(Number(size) - offset, 0));
    return { stop: body.stop, done: takePiece(actor, id, { offset, body, isTakenOver }) };
  });
}

/** Again, where a file of that name had come meanwhile. */
export function finishAgain(actor: PersonActor, id: string, overwrite: boolean): Promise<UploadView> {
  return settled(actor, id, async ({ row, place }) => {
    if (!row.finishedAt) await finish(actor, place, { ...row, overwrite });
    return view(row);
  });
}

/** Gives an upload up: its partial file goes, too. */
export function endUpload(actor: PersonActor, id: string): Promise<void> {
  return settled(actor, id, async ({ row, place }) => {
    if (!row.finishedAt) await remove(place, row);
    await store.deleteUpload(db(), id);
    const paths = [joinPath(row.folder, row.name)];
    if (!row.finishedAt) await recordFileEvent(actor, { action: "file.upload-ended", cluster: row.cluster, paths });
  });
}

/** Removes the partial file; that it is gone already is fine. */
export async function remove(place: FilePlace, row: store.UploadRow): Promise<void> {
  await ask(place, { script: REMOVE, args: partOf(row) }).catch((error: unknown) => {
    if (!isPortalError(error) || error.code !== "not_found") throw error;
  });
}
