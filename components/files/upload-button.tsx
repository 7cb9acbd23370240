"use client";
// The ways to bring files: chosen, a whole folder, or dropped anywhere on the page; and a new folder or file.
import { FilePlus, FolderPlus, FolderUp, Upload } from "lucide-react";
import { useTranslations } from "next-intl";
import { type ChangeEvent, useRef, useState } from "react";
import { ActionMenu, type MenuItem } from "@/components/files/action-menu";
import { picked } from "@/components/files/dropped";
import type { Candidate } from "@/components/files/upload-entries";
import { Button } from "@/components/ui/button";

type Props = {
  reason: string | null;
  onFiles: (candidates: Candidate[]) => void;
  onNew: (kind: "folder" | "file") => void;
};

// Every browser knows it; React's types do not. https://wicg.github.io/entries-api/#dom-htmlinputelement-webkitdirectory
const wholeFolder = { webkitdirectory: "" };

export function UploadButton({ reason, onFiles, onNew }: Props) {
  const t = useTranslations("files.action");
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const [menu, setMenu] = useState<{ x: number; y: number } | null>(null);
  const items: MenuItem[] = [
    { key: "folder", label: t("uploadFolder"), icon: FolderUp, run: () => folder.current?.click() },
    { key: "new-folder", label: t("newFolder"), icon: FolderPlus, apart: true, run: () => onNew("folder") },
    { key: "new-file", label: t("newFile"), icon: FilePlus, run: () => onNew("file") },
  ];
  const take = ({ currentTarget }: ChangeEvent<HTMLInputElement>) => {
    onFiles(picked(currentTarget.files));
    // The same file again would otherwise be no change.
    currentTarget.value = "";
  };
  return (
    <div className="flex gap-2 max-sm:w-full">
      <Button
        reason={reason}
        aria-haspopup="dialog"
        onClick={(event) => {
          const box = event.currentTarget.getBoundingClientRect();
          setMenu({ x: box.left, y: box.bottom + 4 });
        }}
        className="max-sm:flex-1"
      >
        <FilePlus aria-hidden />
        {t("new")}
      </Button>
      <Button look="primary" reason={reason} onClick={() => files.current?.click()} className="max-sm:flex-1">
        <Upload aria-hidden />
        {t("upload")}
      </Button>
      <input ref={files} type="file" multiple hidden aria-label={t("uploadFiles")} onChange={take} />
      <input ref={folder} type="file" {...wholeFolder} hidden aria-label={t("uploadFolder")} onChange={take} />
      <ActionMenu title={t("new")} items={items} at={menu} onClose={() => setMenu(null)} />
    </div>
  );
}
