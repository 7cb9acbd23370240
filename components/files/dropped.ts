// Files out of what was dropped on the page or chosen in a dialog, with the folders that they were in.
import type { Candidate } from "@/components/files/upload-entries";

const fileOf = (entry: FileSystemFileEntry): Promise<File> => new Promise((done, failed) => entry.file(done, failed));

/** A browser answers a hundred entries at a time, and an empty list at the end. */
async function* entriesOf(folder: FileSystemDirectoryEntry): AsyncGenerator<FileSystemEntry> {
  const reader = folder.createReader();
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((done, failed) => reader.readEntries(done, failed));
    if (some.length === 0) return;
    yield* some;
  }
}

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile;
const isFolder = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory;

/** `unread`: names of what this machine does not let the browser read. */
export type Dropped = { found: Candidate[]; unread: string[] };

async function walk(entry: FileSystemEntry, folders: string[], into: Dropped): Promise<void> {
  try {
    if (isFile(entry)) into.found.push({ file: await fileOf(entry), folders });
    else if (isFolder(entry)) {
      let isEmpty = true;
      for await (const child of entriesOf(entry)) {
        isEmpty = false;
        await walk(child, [...folders, entry.name], into);
      }
      // What has something in it comes with that.
      if (isEmpty) into.found.push({ file: new File([], entry.name), folders, isFolder: true });
    }
  } catch {
    into.unread.push(entry.name);
  }
}

/** Everything in a drop. Must be called within the event: what was dropped is gone afterwards. */
export async function dropped({ items, files }: DataTransfer): Promise<Dropped> {
  const entries = [...items].flatMap((item) => (item.kind === "file" ? (item.webkitGetAsEntry() ?? []) : []));
  if (entries.length === 0) return { found: [...files].map((file) => ({ file, folders: [] })), unread: [] };
  const all: Dropped = { found: [], unread: [] };
  for (const entry of entries) await walk(entry, [], all);
  return all;
}

/** What a file dialog gave; for a folder the browser tells the way below it. */
export const picked = (files: FileList | null): Candidate[] =>
  [...(files ?? [])].map((file) => ({ file, folders: file.webkitRelativePath.split("/").slice(0, -1) }));
