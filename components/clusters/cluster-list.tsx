"use client";
// Every cluster: whether it works, what each partition has and has free, and what is mine there.
import { useQuery } from "@tanstack/react-query";
import { ServerOff } from "lucide-react";
import { useTranslations } from "next-intl";
import { useEffect } from "react";
import { ClusterChip } from "@/components/clusters/cluster-chip";
import { NoticesOf } from "@/components/clusters/cluster-notices";
import { PartitionTable } from "@/components/clusters/partition-table";
import { clusters } from "@/components/clusters/queries";
import { Failed } from "@/components/frame/failed";
import { LiveMark } from "@/components/frame/live-mark";
import { OpenTerminalButton } from "@/components/terminals/open-terminal-button";
import { Card } from "@/components/ui/card";
import { Empty } from "@/components/ui/empty";
import { Facts } from "@/components/ui/facts";
import { PageHeader } from "@/components/ui/page-header";
import { Skeleton } from "@/components/ui/skeleton";
import type { ClusterView } from "@/lib/clusters/schema";

export function ClusterList() {
  const t = useTranslations("clusters");
  const found = useQuery(clusters);
  const isThere = found.data !== undefined;
  // A link may name one: when the page was loaded, there was nothing yet to scroll to.
  useEffect(() => {
    if (isThere) document.getElementById(decodeURIComponent(window.location.hash.slice(1)))?.scrollIntoView();
  }, [isThere]);
  return (
    <>
      <PageHeader title={t("title")} text={<LiveMark updatedAt={found.dataUpdatedAt} />} />
      {found.isError && !found.data ? <Failed error={found.error} retry={found.refetch} /> : null}
      {found.isPending ? <Skeleton className="h-80 rounded-lg" /> : null}
      {found.data?.map((cluster) => (
        <ClusterSection key={cluster.name} cluster={cluster} />
      ))}
    </>
  );
}

function ClusterSection({ cluster }: { cluster: ClusterView }) {
  const t = useTranslations("clusters");
  const openWords = useTranslations("terminals");
  const { name, title, scheduler, running, queued, partitions } = cluster;
  return (
    // Links from home name the cluster; the top bar must not cover what they lead to.
    <div id={name} className="grid scroll-mt-20 gap-3">
      <NoticesOf cluster={cluster} />
      <Card
        flush
        title={title}
        actions={<OpenTerminalButton size="sm" wish={{ cluster: name }} label={openWords("openOn")} />}
        note={
          <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <ClusterChip cluster={cluster} />
            {scheduler ? <span>{scheduler}</span> : null}
            <span>{t("jobs", { running, queued })}</span>
          </span>
        }
      >
        {partitions.length > 0 ? (
          <PartitionTable cluster={cluster} />
        ) : (
          <Empty icon={ServerOff} title={t("noPartitions.title")} text={t("noPartitions.text")} />
        )}
        <div className="border-line border-t bg-sunk/40 px-4 py-4 sm:px-5">
          <Mine cluster={cluster} />
        </div>
      </Card>
    </div>
  );
}

function Mine({ cluster }: { cluster: ClusterView }) {
  const t = useTranslations("clusters");
  const { account, accounts, defaultAccount, qos } = cluster.me;
  const named = accounts.map((entry) => (entry === defaultAccount ? t("mine.default", { account: entry }) : entry));
  return (
    <Facts
      items={[
        [t("mine.account"), account ?? t("mine.unknown")],
        [t("mine.accounts"), named.join(", ")],
        [t("mine.qos"), qos.join(", ")],
        [t("mine.modules"), cluster.modules ? t("mine.offered") : t("mine.none")],
        // Only said where it is missing: then it is the reason why ends of jobs stay unexplained.
        [t("mine.accounting"), cluster.accounting ? null : t("mine.noAccounting")],
      ]}
    />
  );
}
