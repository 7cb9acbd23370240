// What an entry is, as a shape: folders and links stand out, files by the kind of what is in them.
import {
  Archive,
  Braces,
  CircleHelp,
  File,
  FileCode,
  FileImage,
  FileSpreadsheet,
  FileSymlink,
  FileText,
  Folder,
  FolderSymlink,
  HardDrive,
  Link2Off,
  type LucideIcon,
  NotebookText,
} from "lucide-react";
import { leadsTo } from "@/components/files/arrange";
import { type ViewKind, viewKindOf } from "@/components/files/view-kind";
import type { FileEntry } from "@/lib/files/schema";

const byKind: Partial<Record<ViewKind, LucideIcon>> = {
  ...{ image: FileImage, table: FileSpreadsheet, notebook: NotebookText, pdf: FileText, page: FileCode },
  ...{ code: FileCode, data: Braces, archive: Archive, text: FileText },
};

function iconOf(entry: FileEntry): LucideIcon {
  const there = leadsTo(entry);
  if (entry.type === "link") {
    if (there === null) return Link2Off;
    return there === "folder" ? FolderSymlink : FileSymlink;
  }
  if (entry.type === "folder") return Folder;
  if (entry.type === "file") return byKind[viewKindOf(entry.name)] ?? File;
  return entry.type === "device" ? HardDrive : CircleHelp;
}

export function FileIcon({ entry }: { entry: FileEntry }) {
  const Icon = iconOf(entry);
  const isFolder = leadsTo(entry) === "folder";
  return (
    <Icon
      aria-hidden
      strokeWidth={1.7}
      className={isFolder ? "size-5 shrink-0 fill-accent-soft text-accent" : "size-5 shrink-0 text-ink3"}
    />
  );
}
