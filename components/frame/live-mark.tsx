"use client";
// Says whether what is shown is live, and when it was last asked for.
import { useTranslations } from "next-intl";
import { useStreamState } from "@/components/frame/live";
import { useNow } from "@/components/ui/now";

export function LiveMark({ updatedAt }: { updatedAt: number }) {
  const t = useTranslations("frame");
  const state = useStreamState();
  const now = useNow();
  // Nothing has been answered yet: neither live nor old.
  if (!updatedAt) return null;
  const minutes = Math.floor((now - updatedAt) / 60_000);
  return (
    <span className="inline-flex items-center gap-1.5">
      <span aria-hidden className={state === "live" ? "size-1.5 rounded-full bg-ok" : "size-1.5 rounded-xs bg-wait"} />
      {state === "down" ? t("everyQuarterMinute") : t("live")}
      {minutes > 0 ? ` · ${t("updatedMinutesAgo", { minutes })}` : null}
    </span>
  );
}
