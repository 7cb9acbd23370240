// Addresses that a browser saves from by itself: it shows the progress, and nothing goes through this page's memory.
import { nameOf } from "@/components/files/arrange";
import { splitPath } from "@/lib/files/rules";
import type { FileEntry } from "@/lib/files/schema";
import { api } from "@/lib/paths";

/** Longer addresses are refused by servers in between. */
const longestAddress = 7000;

export const contentHref = (cluster: string, path: string): string =>
  `${api.fileContent()}?${new URLSearchParams({ cluster, path })}`;

export const archiveHref = (cluster: string, path: string, format: "zip" | "tar" = "zip"): string =>
  `${api.fileArchive()}?${new URLSearchParams({ cluster, path, format })}`;

/** One archive of several entries of one folder; null when their names do not fit into an address. */
export function selectionHref(cluster: string, entries: FileEntry[]): string | null {
  const [first] = entries;
  if (!first) return null;
  const names = entries.map(({ path }) => nameOf(path)).join("/");
  const query = new URLSearchParams({ cluster, path: splitPath(first.path).folder, names });
  const href = `${api.fileArchive()}?${query}`;
  return href.length <= longestAddress ? href : null;
}

/** What "Download" means for these: the file itself, or an archive. */
export function downloadHref(cluster: string, entries: FileEntry[]): string | null {
  const [first] = entries;
  if (!first || entries.length > 1) return selectionHref(cluster, entries);
  const there = first.type === "link" ? first.target?.type : first.type;
  if (there === "folder") return archiveHref(cluster, first.path);
  return there === "file" ? contentHref(cluster, first.path) : null;
}
