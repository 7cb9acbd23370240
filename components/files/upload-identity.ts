// Whether a file is the one that an interrupted upload began with: what goes on with another one mixes the two.
import { displayPath, encodeTyped } from "@/lib/files/rules";
import type { UploadView } from "@/lib/files/schema";

type Kept = Pick<Storage, "length" | "key" | "getItem">;
const nothing: Kept = { length: 0, key: () => null, getItem: () => null };

/** This browser's. It may keep nothing for a page, and some say so by throwing. */
export function storage(): Kept {
  try {
    return window.localStorage ?? nothing;
  } catch {
    return nothing;
  }
}

/** What this browser's storage knows an upload by: the file's time of change is the last word. */
export const fingerprintOf = (where: { cluster: string; folder: string; path: string }, file: File): string =>
  `berth ${where.cluster} ${where.folder} ${where.path} ${file.size} ${file.lastModified}`;

/** Milliseconds since 1970 of the last change of the file that upload `id` began with; null where another browser began it. */
export function modifiedOf(storage: Kept, id: string): number | null {
  for (let at = 0; at < storage.length; at += 1) {
    // tus::<fingerprint>::<number>, as tus-js-client writes it.
    const key = storage.key(at) ?? "";
    const modified = /^tus::berth .* (\d+)::\d+$/s.exec(key)?.[1];
    if (modified && urlIn(storage.getItem(key))?.endsWith(`/${id}`)) return Number(modified);
  }
  return null;
}

/** The portal's id of the upload that the library will go on with; null where this browser remembers none. */
export function rememberedOf(storage: Kept, fingerprint: string): string | null {
  for (let at = 0; at < storage.length; at += 1) {
    const key = storage.key(at) ?? "";
    const url = key.startsWith(`tus::${fingerprint}::`) ? urlIn(storage.getItem(key)) : null;
    if (url) return url.split("/").at(-1) ?? null;
  }
  return null;
}

function urlIn(text: string | null): string | null {
  try {
    const found: unknown = JSON.parse(text ?? "");
    const isOne = typeof found === "object" && found !== null && "uploadUrl" in found;
    return isOne && typeof found.uploadUrl === "string" ? found.uploadUrl : null;
  } catch {
    return null;
  }
}

/** In what `file` is not the one that `upload` began with; null where nothing speaks against it. */
export function differenceOf(
  { name, size }: Pick<UploadView, "name" | "size">,
  file: Pick<File, "name" | "size" | "lastModified">,
  modified: number | null,
): "name" | "size" | "time" | null {
  if (displayPath(encodeTyped(file.name)) !== name) return "name";
  if (file.size !== size) return "size";
  return modified !== null && file.lastModified !== modified ? "time" : null;
}
