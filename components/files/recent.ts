// Folders looked at lately, in this browser only.
import { keep, kept } from "@/components/ui/kept";

const stored = "berth-recent-folders";
const most = 8;
export type RecentFolder = { cluster: string; path: string; name: string };

const isFolder = (value: unknown): value is RecentFolder =>
  typeof value === "object" &&
  value !== null &&
  ["cluster", "path", "name"].every((key) => typeof (value as Record<string, unknown>)[key] === "string");

/** Newest first; nothing when what is stored is not ours. */
export function recentFolders(): RecentFolder[] {
  try {
    const value: unknown = JSON.parse(kept(stored) ?? "[]");
    return Array.isArray(value) ? value.filter(isFolder) : [];
  } catch {
    return [];
  }
}

export function noteRecent(folder: RecentFolder): void {
  const others = recentFolders().filter(({ cluster, path }) => cluster !== folder.cluster || path !== folder.path);
  keep(stored, JSON.stringify([folder, ...others].slice(0, most)));
}
