"use client";
// Says whether what is shown is live, and when it was last asked for.
import { useTranslations } from "next-intl";
import { useStreamState } from "@/components/frame/live";
import { useNow } from "@/components/ui/now";

const marks = {
  live: "size-1.5 rounded-full bg-ok",
  connecting: "size-1.5 rounded-full bg-ink3",
  down: "size-1.5 rounded-xs bg-wait",
};
const words = { live: "live", connecting: "connecting", down: "everyQuarterMinute" } as const;

export function LiveMark({ updatedAt }: { updatedAt: number }) {
  const t = useTranslations("frame");
  const state = useStreamState();
  const now = useNow();
  // Nothing has been answered yet: neither live nor old.
  if (!updatedAt) return null;
  const minutes = Math.floor((now - updatedAt) / 60_000);
  return (
    <span className="inline-flex items-center gap-1.5">
      <span aria-hidden className={marks[state]} />
      {t(words[state])}
      {minutes > 0 ? ` · ${t("updatedMinutesAgo", { minutes })}` : null}
    </span>
  );
}
