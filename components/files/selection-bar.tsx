"use client";
// In place of the filter while several entries are chosen: what can be done with all of them.
import { X } from "lucide-react";
import { useTranslations } from "next-intl";
import type { MenuItem } from "@/components/files/action-menu";
import { Button, buttonClass } from "@/components/ui/button";
import type { FileEntry } from "@/lib/files/schema";
import { formatBytes } from "@/lib/units";

type Props = { entries: FileEntry[]; items: MenuItem[]; onClear: () => void };

export function SelectionBar({ entries, items, onClear }: Props) {
  const t = useTranslations("files");
  const bytes = entries.reduce((sum, { type, size }) => sum + (type === "file" ? size : 0), 0);
  return (
    <div className="flex flex-wrap items-center gap-x-2 gap-y-1 p-2 sm:px-3">
      <Button look="quiet" size="icon" aria-label={t("clearSelection")} onClick={onClear}>
        <X aria-hidden />
      </Button>
      <p role="status" className="mr-2 whitespace-nowrap text-sm">
        <span className="font-semibold">{t("selected", { count: entries.length })}</span>
        {bytes > 0 ? <span className="text-ink3"> · {formatBytes(bytes)}</span> : null}
      </p>
      <div
        role="toolbar"
        aria-label={t("selected", { count: entries.length })}
        className="ml-auto flex flex-wrap gap-0.5"
      >
        {items.map((item) => (
          <BarItem key={item.key} item={item} />
        ))}
      </div>
    </div>
  );
}

function BarItem({ item }: { item: MenuItem }) {
  const { icon: Icon, label, reason, tone } = item;
  const content = (
    <>
      <Icon aria-hidden />
      <span className="max-md:sr-only">{label}</span>
    </>
  );
  const small = tone === "bad" ? "text-bad max-md:h-11" : "max-md:h-11";
  if (!("run" in item)) {
    return (
      <a href={item.href} download className={buttonClass({ look: "quiet", size: "sm" }, small)} title={label}>
        {content}
      </a>
    );
  }
  return (
    <Button look="quiet" size="sm" className={small} title={label} reason={reason} onClick={item.run}>
      {content}
    </Button>
  );
}
