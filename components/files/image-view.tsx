"use client";
// An image of a kind that browsers draw without running anything; the server names no other as an image.
import clsx from "clsx";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { contentHref } from "@/components/files/downloads";
import type { ViewProps } from "@/components/files/file-view";
import { Notice } from "@/components/ui/notice";

export function ImageView({ cluster, path, name }: ViewProps) {
  const t = useTranslations("files.view");
  const [isWhole, setWhole] = useState(true);
  const [isBroken, setBroken] = useState(false);
  if (isBroken) return <Notice tone="wait">{t("notAnImage")}</Notice>;
  return (
    <div className="dots grid min-h-64 flex-1 place-items-center overflow-auto p-4">
      <button
        type="button"
        onClick={() => setWhole(!isWhole)}
        aria-label={t(isWhole ? "pinch" : "fit")}
        className={isWhole ? "cursor-zoom-in" : "cursor-zoom-out"}
      >
        {/* biome-ignore lint/performance/noImgElement: it comes from the cluster as it is; nothing resizes it. */}
        <img
          src={contentHref(cluster, path)}
          alt={t("image", { name })}
          onError={() => setBroken(true)}
          className={clsx(isWhole ? "max-h-[calc(100dvh-16rem)] max-w-full object-contain" : "max-w-none")}
        />
      </button>
    </div>
  );
}
