"use client";
// How much of something is free, in words, and a bar of what is taken: as those of limits and times, it fills up.
import { useTranslations } from "next-intl";
import { type Capacity, capacity, takesNoneNow } from "@/components/clusters/capacity";
import { gpuLabel } from "@/components/sessions/describe";
import { Meter } from "@/components/ui/meter";
import type { PartitionView } from "@/lib/clusters/schema";

export function useFreeWords(): (entry: Capacity) => string {
  const t = useTranslations("clusters");
  return ({ kind, type, free, total }) =>
    kind === "gpus" ? t("gpusFree", { free, total, type: gpuLabel(type) }) : t("coresFree", { free, total });
}

export function TakenMeter({ entry: { free, total }, className }: { entry: Capacity; className?: string }) {
  return <Meter share={total > 0 ? 1 - free / total : 1} tone={free === 0 ? "wait" : "accent"} className={className} />;
}

export function FreeBars({ partition }: { partition: PartitionView }) {
  const t = useTranslations("clusters");
  const words = useFreeWords();
  if (takesNoneNow(partition)) return <span className="text-sm text-ink3">{t("noNodeNow")}</span>;
  return (
    <div className="grid gap-2">
      {capacity(partition).map((entry) => (
        <div key={entry.kind + entry.type} className="grid gap-1">
          <span className={entry.free === 0 ? "text-sm text-ink3" : "text-sm"}>{words(entry)}</span>
          <TakenMeter entry={entry} />
        </div>
      ))}
    </div>
  );
}
