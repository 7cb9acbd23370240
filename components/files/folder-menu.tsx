"use client";
// What can be done with the folder that is looked at. Renaming, moving and deleting it is the menu's of the folder that it is in.
import { ChevronDown } from "lucide-react";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { ActionMenu } from "@/components/files/action-menu";
import { FolderDialogs, useFolderWishes } from "@/components/files/folder-dialogs";
import { useDownloadItems } from "@/components/files/use-download-items";
import { usePlaceItems } from "@/components/files/use-file-menu";
import { Button } from "@/components/ui/button";
import type { FileEntry, FolderHead } from "@/lib/files/schema";

/** The folder as an entry; its size and time are not shown here. */
const entryOf = ({ name, path, mode, owner, group }: FolderHead): FileEntry => ({
  ...{ type: "folder", name, path, mode, owner, group },
  ...{ size: 0, modifiedAt: new Date(0).toISOString(), target: null },
});

export function FolderMenu({ cluster, head }: { cluster: string; head: FolderHead }) {
  const t = useTranslations("files");
  const [at, setAt] = useState<{ x: number; y: number } | null>(null);
  const wishes = useFolderWishes(cluster);
  const downloads = useDownloadItems(cluster);
  const places = usePlaceItems(wishes.files);
  const entry = entryOf(head);
  return (
    <>
      <Button
        look="quiet"
        size="icon"
        aria-haspopup="dialog"
        aria-label={t("folderActions", { name: head.name })}
        title={t("folderActions", { name: head.name })}
        onClick={(event) => {
          const box = event.currentTarget.getBoundingClientRect();
          setAt({ x: box.left, y: box.bottom + 4 });
        }}
        className="shrink-0"
      >
        <ChevronDown aria-hidden />
      </Button>
      <ActionMenu
        title={head.name}
        items={at ? [...downloads([entry]), ...places(entry)] : []}
        at={at}
        onClose={() => setAt(null)}
      />
      <FolderDialogs cluster={cluster} folder={head.path} wishes={wishes} />
    </>
  );
}
