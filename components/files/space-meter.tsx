"use client";
// How much room is left: the person's quota where the cluster tells it, else the file system that everybody shares.
import { useTranslations } from "next-intl";
import { Meter } from "@/components/ui/meter";
import type { FolderSpace } from "@/lib/files/schema";
import { formatBytes } from "@/lib/units";

export function SpaceMeter({ room }: { room: FolderSpace }) {
  const t = useTranslations("files");
  const space = room.quota ?? room.fileSystem;
  if (!space) return null;
  const share = space.usedBytes / space.limitBytes;
  const tone = share > 0.97 ? "bad" : share > 0.85 ? "wait" : "accent";
  const label = t(room.quota ? "space.quota" : "space.fileSystem");
  return (
    <div className="flex min-w-0 items-center gap-2.5 text-sm text-ink3">
      <span className="whitespace-nowrap">{label}</span>
      <Meter share={share} tone={tone} label={label} className="w-24 min-w-12" />
      <span className="whitespace-nowrap">
        {t("space.used", { used: formatBytes(space.usedBytes), limit: formatBytes(space.limitBytes) })}
      </span>
    </div>
  );
}
