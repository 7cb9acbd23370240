"use client";
// The whole page takes what is dropped on it, and says where it will go.
import { FolderInput } from "lucide-react";
import { useTranslations } from "next-intl";
import { useEffect, useEffectEvent, useState } from "react";
import { type Dropped, dropped } from "@/components/files/dropped";
import type { Candidate } from "@/components/files/upload-entries";
import { notify } from "@/components/frame/notify";

type Props = { name: string; onFiles: (candidates: Candidate[]) => void };

const hasFiles = ({ dataTransfer }: DragEvent): boolean => dataTransfer?.types.includes("Files") ?? false;

export function DropZone({ name, onFiles }: Props) {
  const t = useTranslations("files.upload");
  const [isOver, setOver] = useState(false);
  // To the page as it is when all of it is read.
  const give = useEffectEvent(({ found, unread }: Dropped) => {
    if (found.length > 0) onFiles(found);
    const [first = "", ...more] = unread;
    if (first) void notify({ tone: "failed", text: t("unread", { name: first, more: more.length }) });
  });
  useEffect(() => {
    const over = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(true);
    };
    const leave = (event: DragEvent) => {
      // From one element to the next within the page, which is no leaving.
      if (event.relatedTarget === null) setOver(false);
    };
    const drop = (event: DragEvent) => {
      setOver(false);
      if (!hasFiles(event) || !event.dataTransfer) return;
      event.preventDefault();
      void dropped(event.dataTransfer).then((all) => give(all));
    };
    window.addEventListener("dragover", over);
    window.addEventListener("dragleave", leave);
    window.addEventListener("drop", drop);
    return () => {
      window.removeEventListener("dragover", over);
      window.removeEventListener("dragleave", leave);
      window.removeEventListener("drop", drop);
    };
  }, []);
  if (!isOver) return null;
  return (
    <div className="pointer-events-none fixed inset-3 z-30 grid place-items-center rounded-lg border-2 border-accent border-dashed bg-accent-soft/80">
      <p className="flex items-center gap-3 text-lg font-semibold text-accent">
        <FolderInput aria-hidden className="size-7" />
        {t("drop", { name })}
      </p>
    </div>
  );
}
