"use client";
// Taking entries to one's own machine: a file as it is, everything else as one archive.
import { Download, Package } from "lucide-react";
import { useTranslations } from "next-intl";
import type { MenuItem } from "@/components/files/action-menu";
import { isFolder } from "@/components/files/arrange";
import { type ArchiveFormat, downloadHref, postSelection } from "@/components/files/downloads";
import type { FileEntry } from "@/lib/files/schema";

export function useDownloadItems(cluster: string): (entries: FileEntry[]) => MenuItem[] {
  const t = useTranslations("files");
  return (entries) => {
    const as = (format: ArchiveFormat, look: Pick<MenuItem, "label" | "icon">): MenuItem => {
      const item = { key: format, ...look };
      const href = downloadHref(cluster, entries, format);
      if (href) return { ...item, href, download: true };
      if (entries.length > 1) return { ...item, run: () => postSelection(cluster, entries, format) };
      return { ...item, run: () => undefined, reason: t("notAFile") };
    };
    const isOneFile = entries.length === 1 && !entries.some(isFolder);
    if (isOneFile) return [as("zip", { label: t("action.download"), icon: Download })];
    return [
      as("zip", { label: t("action.zip"), icon: Download }),
      // For what a zip cannot hold: more files than it counts, and what is no regular file, folder or link.
      as("tar", { label: t("action.tar"), icon: Package }),
    ];
  };
}
