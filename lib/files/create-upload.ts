// The beginning of an upload: its row first, then the partial file on the cluster; a small file comes along in the same request.
import { randomBytes } from "node:crypto";
import type { PersonActor } from "@/lib/actor";
import { config } from "@/lib/config";
import { db, lockedTransaction } from "@/lib/db";
import { PortalError } from "@/lib/errors";
import { remove } from "@/lib/files/continue-upload";
import { splitFields } from "@/lib/files/fields";
import { noteFinished } from "@/lib/files/finish-upload";
import { ask, type FilePlace, filePlace, isAnswer, pathBytes } from "@/lib/files/place";
import { displayPath, encodePath, joinPath, needsConfirmation } from "@/lib/files/rules";
import * as store from "@/lib/files/store";
import { pieceType, readMetadata, type UploadWish, uploadWish } from "@/lib/files/tus";
import { MAKE, SHOT } from "@/lib/files/upload-scripts";
import { limitedBody } from "@/lib/http/limited-body";
import { invalidFields } from "@/lib/http/problem";

const GIB = 1024 ** 3;
const SHOT_SECONDS = 600;

function readWish(request: Request, size: number): UploadWish {
  const found = uploadWish.safeParse(readMetadata(request.headers.get("upload-metadata")));
  if (!found.success) throw invalidFields(found.error);
  const wish = found.data;
  const hidden = [wish.name, ...wish.folders].find(needsConfirmation);
  if (hidden !== undefined && !wish.confirm) {
    throw new PortalError(
      "denied",
      `${displayPath(hidden)} begins with a dot: programs may read it on their own. Confirm it.`,
    );
  }
  const { maxUploadGiB } = config().files;
  if (size > maxUploadGiB * GIB) throw new PortalError("denied", `A file may have at most ${maxUploadGiB} GiB.`);
  return wish;
}

async function insert(actor: PersonActor, place: FilePlace, { wish, size }: { wish: UploadWish; size: number }) {
  return lockedTransaction(`uploads:${actor.userId}`, async (tx) => {
    const { uploadsPerPerson } = config().files;
    if ((await store.countUnfinished(tx, actor.userId)) >= uploadsPerPerson) {
      throw new PortalError(
        "denied",
        `You have ${uploadsPerPerson} unfinished uploads, which is the limit. Finish or cancel some.`,
      );
    }
    return store.insertUpload(tx, {
      ...{
        id: randomBytes(16).toString("hex"),
        ownerId: actor.userId,
        cluster: place.cluster,
        unixAccount: place.user,
      },
      ...{ folder: wish.folder, name: wish.name, size: BigInt(size), overwrite: wish.overwrite },
    });
  });
}

type Made = { row: store.UploadRow; offset: number };

async function make(place: FilePlace, row: store.UploadRow, { wish, request }: { wish: UploadWish; request: Request }) {
  const size = Number(row.size);
  const args = [
    pathBytes(row.folder),
    pathBytes(row.name),
    row.id,
    row.overwrite ? "yes" : "no",
    wish.confirm ? "yes" : "no",
    ...wish.folders.map(pathBytes),
  ];
  const comesAlong = size === 0 || request.headers.get("content-type") === pieceType;
  if (!comesAlong) return { fields: splitFields(await ask(place, { script: MAKE, args })), fault: null };
  const body = limitedBody(request, size);
  const asking = { script: SHOT, args: [size, ...args], stdin: body.stream, timeoutSeconds: SHOT_SECONDS };
  const fields = splitFields(await ask(place, asking));
  return { fields, fault: body.fault() };
}

/** Begins an upload as the headers of `request` say. Throws `conflict` where the name is taken, `denied` beyond a limit. */
export async function createUpload(actor: PersonActor, request: Request, size: number): Promise<Made> {
  const wish = readWish(request, size);
  const place = await filePlace(actor, wish.cluster);
  const row = await insert(actor, place, { wish, size });
  let folder = wish.folders.reduce(joinPath, row.folder);
  try {
    const { fields, fault } = await make(place, row, { wish, request });
    const [here = Buffer.alloc(0), written = "0", placement] = fields;
    folder = encodePath(here);
    // Nobody was told its id yet, so nobody can go on with it.
    if (fault) throw fault;
    await store.placeUpload(db(), row.id, folder);
    const placed = { ...row, folder };
    if (placement?.toString() === "placed") await noteFinished(actor, placed);
    // What the cluster has, which is not what came here: a disk may be full.
    return { row: placed, offset: Number(written.toString()) };
  } catch (error) {
    await undo(place, { ...row, folder });
    throw error;
  }
}

/**
 * Where the cluster says nothing of it, the partial file may be there: then it is for the sweep. Where the folder cannot be entered,
 * or is none that is shown, nothing was made in it either.
 */
async function undo(place: FilePlace, row: store.UploadRow): Promise<void> {
  const isOver = await remove(place, row).then(() => true, isAnswer);
  if (isOver) await store.deleteUpload(db(), row.id);
  else await store.giveUp(db(), row.id, row.folder);
}
