"use client";
// How much of something is free: words, and a bar that is as long as what is free.
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

export function FreeBars({ partition }: { partition: PartitionView }) {
  const t = useTranslations("clusters");
  const words = useFreeWords();
  if (takesNoneNow(partition)) return <span className="text-sm text-ink3">{t("noNodeNow")}</span>;
  return (
    <div className="grid gap-2">
      {capacity(partition).map((entry) => (
        <div key={entry.kind + entry.type} className="grid gap-1">
          <span className={entry.free === 0 ? "text-sm text-ink3" : "text-sm"}>{words(entry)}</span>
          <Meter share={entry.total > 0 ? entry.free / entry.total : 0} />
        </div>
      ))}
    </div>
  );
}
