"use client";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { ClusterChip } from "@/components/clusters/cluster-chip";
import { FreeBars } from "@/components/clusters/free-bar";
import { clusters } from "@/components/clusters/queries";
// Home's small card for each cluster: is it up, what is free now.
import { shownPartitions } from "@/components/clusters/shown-partitions";
import { Failed } from "@/components/frame/failed";
import { Card } from "@/components/ui/card";
import { Skeleton } from "@/components/ui/skeleton";
import type { ClusterView } from "@/lib/clusters/schema";
import { paths } from "@/lib/paths";

export function ClusterSummaries() {
  const found = useQuery(clusters);
  if (found.isLoadingError) return <Failed error={found.error} retry={found.refetch} />;
  if (found.isPending) return <Skeleton className="h-40 rounded-lg" />;
  return found.data.map((cluster) => <ClusterSummary key={cluster.name} cluster={cluster} />);
}

function ClusterSummary({ cluster }: { cluster: ClusterView }) {
  const t = useTranslations("clusters");
  return (
    <Card
      title={<Link href={`${paths.clusters()}#${cluster.name}`}>{cluster.title}</Link>}
      actions={
        <span className="mr-1.5">
          <ClusterChip cluster={cluster} />
        </span>
      }
    >
      <ul className="grid gap-3.5">
        {shownPartitions(cluster.partitions).map((partition) => (
          <li key={partition.name} className="grid grid-cols-[4.5rem_minmax(0,1fr)] gap-3">
            <span className="truncate text-sm text-ink3" title={partition.name}>
              {partition.name}
            </span>
            {partition.up ? <FreeBars partition={partition} /> : <span className="text-sm">{t("partitionDown")}</span>}
          </li>
        ))}
      </ul>
      <p className="mt-3 border-line border-t pt-2.5 text-ink3 text-sm">
        {t("jobs", { running: cluster.running, queued: cluster.queued })}
      </p>
    </Card>
  );
}
