// Many small files in one request: a tar streams in, each entry is judged and written anew, and one program on the cluster takes
// them all. Either all of the archive arrived and each file has its name or is named in the answer, or none of it is there.
import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import type { PersonActor } from "@/lib/actor";
import { config } from "@/lib/config";
import { PortalError } from "@/lib/errors";
import { recordFileEvent } from "@/lib/files/audit";
import { BATCH, UNBATCH } from "@/lib/files/batch-script";
import { splitFields } from "@/lib/files/fields";
import { maxPathBytes } from "@/lib/files/names/schema";
import { ask, filePlace, pathBytes } from "@/lib/files/place";
import { displayText, encodePath, joinPath, nameFault, needsConfirmation } from "@/lib/files/rules";
import type { UploadedBatch } from "@/lib/files/schema";
import { tarEnd, tarHeader, tarPadding } from "@/lib/files/tar/rules";
import { type TarEntry, tarEntries } from "@/lib/files/tar-reader";
import { gathered } from "@/lib/http/gathered";
import { limitedBody } from "@/lib/http/limited-body";

const GIB = 1024 ** 3;
const SECONDS = 3600;
const MAX_ENTRIES = 20_000;
/** What an octal length in a tar's header can say. */
const MAX_FILE_BYTES = 8 * GIB - 1;
const below = Buffer.from("in/");

export type BatchWish = { cluster: string; folder: string; confirm: boolean };

/** Paths of the files and of the folders, encoded, and how many bytes the files have. */
type Taken = { paths: string[]; folders: string[]; bytes: number; fault: PortalError | null };

/** The path of an entry without what tar(1) may put around it. Throws for what must not be there. */
function pathOf({ name, type }: TarEntry, confirm: boolean): Buffer {
  const refuse = (why: string): never => {
    throw new PortalError("invalid", `${displayText(name)}: ${why}`);
  };
  if (type !== "file" && type !== "folder") refuse("only regular files and folders can be uploaded.");
  const parts = encodePath(name).split("/");
  const plain = parts.filter((part, at) => part !== "" || at === 0).filter((part) => part !== ".");
  if (name.length >= maxPathBytes) refuse("This path is too long.");
  for (const part of plain) {
    const fault = nameFault(part);
    if (fault) refuse(fault);
    if (needsConfirmation(part) && !confirm) {
      const words = `${displayText(name)} has a name that begins with a dot: programs may read it on their own. Confirm it.`;
      throw new PortalError("denied", words);
    }
  }
  return Buffer.from(pathBytes(plain.join("/")));
}

const isSelf = (name: Buffer): boolean => /^(\.\/?)?$/.test(name.toString("latin1"));

/** The archive anew, of nothing but regular files and folders, and with our mark at its end. */
async function* rewritten(
  entries: AsyncIterable<TarEntry>,
  taken: Taken,
  confirm: boolean,
): AsyncGenerator<Uint8Array> {
  let count = 0;
  for await (const entry of entries) {
    if (entry.type === "folder" && isSelf(entry.name)) continue;
    const path = pathOf(entry, confirm);
    count += 1;
    if (count > MAX_ENTRIES) throw new PortalError("denied", `At most ${MAX_ENTRIES} files come at once.`);
    const isFile = entry.type === "file";
    const { size } = entry;
    if (!(size >= 0 && size <= MAX_FILE_BYTES)) throw new PortalError("invalid", "A file in it is too long for a tar.");
    const mode = isFile ? 0o666 | (entry.mode & 0o111) : 0o777;
    const name = Buffer.concat([below, path]);
    yield tarHeader({ name, kind: isFile ? "file" : "folder", size: isFile ? size : 0, mode });
    if (!isFile) {
      taken.folders.push(encodePath(path));
      continue;
    }
    yield* entry.body;
    yield tarPadding(size);
    taken.paths.push(encodePath(path));
    taken.bytes += size;
  }
  yield tarHeader({ name: Buffer.from("end"), kind: "file", size: 0, mode: 0o600 });
  yield tarEnd();
}

/** As a stream for the program. What is wrong ends it before its mark, so that nothing is placed, and is kept in `taken`. */
function inputOf(body: AsyncIterable<Buffer>, taken: Taken, confirm: boolean): Readable {
  async function* read(): AsyncGenerator<Buffer> {
    try {
      yield* gathered(rewritten(tarEntries(body), taken, confirm));
    } catch (error) {
      // What reads tars blames the cluster, which usually writes them.
      const isOurs = error instanceof PortalError && error.code !== "cluster";
      taken.fault = isOurs ? error : new PortalError("invalid", "The archive broke off, or is no tar.");
    }
  }
  return Readable.from(read(), { objectMode: false, highWaterMark: 256 * 1024 });
}

function resultOf([here, ...fields]: Buffer[], { paths, bytes }: Taken): UploadedBatch & { folder: string } {
  const left = [];
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const path = encodePath((fields[at + 1] ?? Buffer.alloc(0)).subarray(2));
    left.push({ path, why: fields[at]?.toString() === "x" ? ("exists" as const) : ("other" as const) });
  }
  const leftOut = new Set(left.map(({ path }) => path));
  const placed = paths.filter((path) => !leftOut.has(path)).length;
  return { folder: encodePath(here ?? Buffer.alloc(0)), placed, bytes, left };
}

/** Takes the files of a tar into a folder. What has a name there already is left out and named, never replaced. */
export async function uploadBatch(actor: PersonActor, wish: BatchWish, request: Request): Promise<UploadedBatch> {
  const place = await filePlace(actor, wish.cluster);
  const id = randomBytes(8).toString("hex");
  const body = limitedBody(request, config().files.maxUploadGiB * GIB);
  const taken: Taken = { paths: [], folders: [], bytes: 0, fault: null };
  const stdin = inputOf(body.stream, taken, wish.confirm);
  const args = [pathBytes(wish.folder), id, wish.confirm ? "yes" : "no"];
  try {
    const result = resultOf(
      splitFields(await ask(place, { script: BATCH, args, stdin, timeoutSeconds: SECONDS })),
      taken,
    );
    const { folder, left } = result;
    const leftOut = new Set(left.map(({ path }) => path));
    const below = (some: string[]) => some.filter((path) => !leftOut.has(path)).map((path) => joinPath(folder, path));
    const paths = below(taken.paths);
    const folders = below(taken.folders);
    const { cluster } = wish;
    if (folders.length > 0) await recordFileEvent(actor, { action: "file.folder", cluster, paths: folders });
    const data = { bytes: result.bytes, overwrite: false };
    if (paths.length > 0) await recordFileEvent(actor, { action: "file.uploaded", cluster, paths, data });
    return result;
  } catch (error) {
    await ask(place, { script: UNBATCH, args }).catch(() => {});
    throw body.fault() ?? taken.fault ?? error;
  }
}
