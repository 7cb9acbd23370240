"use client";
// What can be done with the chosen entries, each with the reason where it cannot.
import {
  Copy,
  Eye,
  Files,
  FolderInput,
  FolderOpen,
  KeyRound,
  PackageOpen,
  Pencil,
  Rocket,
  SquareTerminal,
  Trash2,
} from "lucide-react";
import { useTranslations } from "next-intl";
import type { MenuItem } from "@/components/files/action-menu";
import { isFolder } from "@/components/files/arrange";
import { hrefOf } from "@/components/files/file-row";
import { useKept } from "@/components/files/folder-state";
import { useDownloadItems } from "@/components/files/use-download-items";
import { isArchive } from "@/components/files/view-kind";
import { notify } from "@/components/frame/notify";
import { writeClipboard } from "@/components/ui/copy-button";
import { plainPath } from "@/lib/files/rules";
import type { FileEntry, FolderHead } from "@/lib/files/schema";

export type FileWishes = {
  onRename: (entry: FileEntry) => void;
  onMove: (entries: FileEntry[]) => void;
  onCopy: (entries: FileEntry[]) => void;
  onDelete: (entries: FileEntry[]) => void;
  onMode: (entries: FileEntry[]) => void;
  onExtract: (entry: FileEntry) => void;
  onTerminal: (path: string) => void;
  onLaunch: (path: string) => void;
};

/** What can be done with the place that `entry` is: its path copied, a terminal or a session there. */
export function usePlaceItems({ onTerminal, onLaunch }: Pick<FileWishes, "onTerminal" | "onLaunch">) {
  const t = useTranslations("files");
  return (entry: FileEntry): MenuItem[] => {
    const path = plainPath(entry.path);
    const reason = path === null ? t("notUtf8") : null;
    const copy = async () => {
      const isDone = await writeClipboard(path ?? "").catch(() => false);
      // What could not be copied is shown, to be copied by hand.
      const told = isDone
        ? ({ tone: "done", text: t("pathCopied") } as const)
        : ({ tone: "plain", text: t("copyByHand") } as const);
      void notify({ ...told, detail: path ?? "" });
    };
    const items: MenuItem[] = [
      { key: "path", label: t("action.copyPath"), icon: Copy, apart: true, reason, run: () => void copy() },
    ];
    if (!isFolder(entry)) return items;
    return [
      ...items,
      { key: "terminal", label: t("action.terminal"), icon: SquareTerminal, reason, run: () => onTerminal(path ?? "") },
      { key: "launch", label: t("action.launch"), icon: Rocket, reason, run: () => onLaunch(path ?? "") },
    ];
  };
}

type Context = { cluster: string; head: FolderHead; wishes: FileWishes };

export function useFileMenu({ cluster, head, wishes }: Context): (entries: FileEntry[]) => MenuItem[] {
  const t = useTranslations("files");
  const downloads = useDownloadItems(cluster);
  const pointing = usePlaceItems(wishes);
  const kept = useKept();
  const locked = head.writable ? null : t("notWritable");

  const opening = (entry: FileEntry): MenuItem[] => {
    const there = hrefOf(cluster, entry);
    if (!there) return [];
    const href = kept(there);
    const folder = isFolder(entry);
    return [{ key: "open", label: t(folder ? "action.open" : "action.view"), icon: folder ? FolderOpen : Eye, href }];
  };
  const changing = (entries: FileEntry[]): MenuItem[] => {
    const [one] = entries;
    const items: MenuItem[] = [];
    if (one && entries.length === 1) {
      const run = () => wishes.onRename(one);
      items.push({ key: "rename", label: t("action.rename"), icon: Pencil, reason: locked, run });
      if (isArchive(one.name))
        items.push({
          ...{ key: "extract", label: t("action.extract"), icon: PackageOpen, reason: locked },
          run: () => wishes.onExtract(one),
        });
    }
    const { onMove, onCopy, onMode, onDelete } = wishes;
    return [
      ...items,
      { key: "move", label: t("action.move"), icon: FolderInput, reason: locked, run: () => onMove(entries) },
      { key: "copy", label: t("action.copy"), icon: Files, run: () => onCopy(entries) },
      { key: "mode", label: t("action.permissions"), icon: KeyRound, run: () => onMode(entries) },
      {
        ...{ key: "delete", label: t("action.delete"), icon: Trash2, reason: locked, tone: "bad", apart: true },
        run: () => onDelete(entries),
      },
    ];
  };

  return (entries) => {
    const [one] = entries;
    if (!one) return [];
    const alone = entries.length === 1;
    const [deleting, ...others] = changing(entries).reverse();
    return [
      ...(alone ? opening(one) : []),
      ...downloads(entries),
      ...others.reverse(),
      ...(alone ? pointing(one) : []),
      ...(deleting ? [deleting] : []),
    ];
  };
}
