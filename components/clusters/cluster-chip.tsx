"use client";
// The state of a cluster, in the three ways that make a difference to somebody who wants to launch.
import { CircleCheck, CircleOff, History } from "lucide-react";
import { useTranslations } from "next-intl";
import { Chip } from "@/components/ui/chip";
import type { ClusterView } from "@/lib/clusters/schema";

/** Up, not answering since a while (what is shown is as of then), or down. */
export function ClusterChip({ cluster }: { cluster: Pick<ClusterView, "up" | "staleSince"> }) {
  const t = useTranslations("clusters");
  if (cluster.staleSince)
    return (
      <Chip tone="wait" icon={History}>
        {t("stale")}
      </Chip>
    );
  return cluster.up ? (
    <Chip tone="ok" icon={CircleCheck}>
      {t("up")}
    </Chip>
  ) : (
    <Chip tone="bad" icon={CircleOff}>
      {t("down")}
    </Chip>
  );
}
