// Addresses that a browser saves from by itself: it shows the progress, and nothing goes through this page's memory.
import { leadsTo, nameOf } from "@/components/files/arrange";
import { splitPath } from "@/lib/files/rules";
import type { FileEntry } from "@/lib/files/schema";
import { api } from "@/lib/paths";

/** Longer addresses are refused by servers in between. */
const longestAddress = 7000;

export const contentHref = (cluster: string, path: string): string =>
  `${api.fileContent()}?${new URLSearchParams({ cluster, path })}`;

export type ArchiveFormat = "zip" | "tar";

const archiveHref = (cluster: string, path: string, format: ArchiveFormat): string =>
  `${api.fileArchive()}?${new URLSearchParams({ cluster, path, format })}`;

/** Null when the names do not fit into an address: postSelection() then. */
function selectionHref(cluster: string, entries: FileEntry[], format: ArchiveFormat): string | null {
  const [first] = entries;
  if (!first) return null;
  const names = entries.map(({ path }) => nameOf(path)).join("/");
  const query = new URLSearchParams({ cluster, path: splitPath(first.path).folder, names, format });
  const href = `${api.fileArchive()}?${query}`;
  return href.length <= longestAddress ? href : null;
}

/**
 * What "Download" means for these entries of one folder: the one file itself, or an archive of that format. Null for one that
 * is neither file nor folder, and for several whose names do not fit into an address.
 */
export function downloadHref(cluster: string, entries: FileEntry[], format: ArchiveFormat): string | null {
  const [first] = entries;
  if (!first || entries.length > 1) return selectionHref(cluster, entries, format);
  const there = leadsTo(first);
  if (there === "folder") return archiveHref(cluster, first.path, format);
  return there === "file" ? contentHref(cluster, first.path) : null;
}

/** Saves an archive of any number of entries of one folder. A refusal is shown beside this page, not in its place. */
export function postSelection(cluster: string, entries: FileEntry[], format: ArchiveFormat): void {
  const form = document.createElement("form");
  form.hidden = true;
  form.method = "post";
  form.action = api.fileArchive();
  form.target = "_blank";
  const fields = [["cluster", cluster], ["format", format], ...entries.map(({ path }) => ["path", path])];
  for (const [name, value] of fields) {
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  }
  document.body.append(form);
  form.submit();
  form.remove();
}
