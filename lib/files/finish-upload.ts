// The end of an upload: all bytes are there, and the file gets its name.
import type { PersonActor } from "@/lib/actor";
import { transaction } from "@/lib/db";
import { recordFileEvent } from "@/lib/files/audit";
import { ask, type FilePlace, pathBytes } from "@/lib/files/place";
import { joinPath } from "@/lib/files/rules";
import { finishUpload, type UploadRow } from "@/lib/files/store";
import { FINISH } from "@/lib/files/upload-scripts";

/** fsync of a large file on a slow disk. */
const SECONDS = 300;

export async function noteFinished(actor: PersonActor, row: UploadRow): Promise<void> {
  if (!(await transaction((tx) => finishUpload(tx, row.id)))) return;
  const paths = [joinPath(row.folder, row.name)];
  const data = { bytes: Number(row.size), overwrite: row.overwrite };
  await recordFileEvent(actor, { action: "file.uploaded", cluster: row.cluster, paths, data });
}

/** Puts the file in its place. Throws `conflict` when something of its name is there; the upload then waits. */
export async function finish(actor: PersonActor, place: FilePlace, row: UploadRow): Promise<void> {
  const args = [pathBytes(row.folder), row.id, pathBytes(row.name), Number(row.size), row.overwrite ? "yes" : "no"];
  await ask(place, { script: FINISH, args, timeoutSeconds: SECONDS });
  await noteFinished(actor, row);
}
