"use client";
import { Cpu, Gpu } from "lucide-react";
import { useTranslations } from "next-intl";
import { useId } from "react";
import { capacity, closedFor, takesNoneNow } from "@/components/clusters/capacity";
import { TakenMeter, useFreeWords } from "@/components/clusters/free-bar";
// Where it runs: the cluster, where there is more than one, and the partition with what is free on it now.
import { shownPartitions } from "@/components/clusters/shown-partitions";
import { availableOn, placeOn, softwareOn } from "@/components/requests/defaults";
import { useComposer } from "@/components/requests/place";
import { ChoiceCards } from "@/components/ui/choice";
import { Problems } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import type { PartitionView } from "@/lib/clusters/schema";
import { formatMinutes } from "@/lib/units";

export function WhereFields() {
  const { clusters, cluster, problems } = useComposer();
  return (
    <div className="grid gap-5">
      {/* A link may name a cluster that is gone: then there is something to choose. */}
      {clusters.length > 1 || (clusters.length > 0 && !cluster) ? <ClusterChoice /> : null}
      {cluster?.staleSince || cluster?.notice ? (
        <Notice tone={cluster.staleSince ? "wait" : "info"}>
          {cluster.staleSince ? cluster.error : cluster.notice}
        </Notice>
      ) : null}
      <Problems problems={[...problems.of("cluster"), ...problems.of("template")]} />
      {cluster && cluster.partitions.length > 0 ? <PartitionChoice partitions={cluster.partitions} /> : null}
    </div>
  );
}

function ClusterChoice() {
  const t = useTranslations("requests");
  const { clusters, template, composed, set } = useComposer();
  const choose = (name: string) => {
    const chosen = clusters.find((entry) => entry.name === name);
    if (!chosen) return;
    // What the old cluster called its partitions, accounts and modules means nothing on the new one.
    const { cluster, partition, account, qos } = placeOn(chosen);
    set("cluster", cluster);
    set("partition", partition);
    set("account", account);
    set("qos", qos);
    for (const field of ["reservation", "constraint", "gpuType"] as const) set(field, "");
    if (!chosen.partitions.find(({ name: each }) => each === partition)?.gpus.length) set("gpus", 0);
    set("modules", []);
    set("software", softwareOn(template, chosen) ?? "host");
  };
  const choices = clusters.map((each) => {
    const { name, title, up, running, queued, me } = each;
    const missing = softwareOn(template, each) === null ? (availableOn(template, name)?.missing ?? "") : null;
    return {
      value: name,
      title,
      text: t("where.jobs", { running, queued }),
      unavailable: missing
        ? t("where.notHere", { missing })
        : missing === ""
          ? t("software.noModules", { cluster: title })
          : !me.admitted
            ? me.words
            : up
              ? null
              : t("where.down"),
    };
  });
  return (
    <ChoiceCards
      legend={t("where.cluster")}
      name="cluster"
      value={composed.cluster}
      onChange={choose}
      choices={choices}
    />
  );
}

function PartitionChoice({ partitions }: { partitions: PartitionView[] }) {
  const t = useTranslations("requests");
  const problemsId = useId();
  const free = useFreeWords();
  const { composed, problems, set } = useComposer();
  const choose = (name: string) => {
    set("partition", name);
    // GPUs that the new partition does not have would only be refused.
    if (partitions.find((entry) => entry.name === name)?.gpus.length === 0) set("gpus", 0);
    set("gpuType", "");
  };
  const choices = shownPartitions(partitions, composed.partition).map((partition) => {
    const closed = closedFor(partition, composed.account);
    const [first] = capacity(partition);
    const waits = takesNoneNow(partition);
    const upTo = partition.maxMinutes ? t("where.upTo", { time: formatMinutes(partition.maxMinutes) }) : null;
    // What kind of nodes it is, before one reads its name.
    const Icon = partition.gpus.length > 0 ? Gpu : Cpu;
    return {
      value: partition.name,
      title: (
        <>
          <Icon aria-hidden className="size-4 text-ink3" />
          <span className="min-w-0 truncate">{partition.name}</span>
          {upTo && !closed ? (
            <span className="ml-auto font-normal text-ink3 text-sm whitespace-nowrap">{upTo}</span>
          ) : null}
        </>
      ),
      text: waits ? t("where.noNodeNow") : first ? free(first) : null,
      unavailable: closed ? t(`where.closed.${closed}`, { account: composed.account }) : null,
      extra: first && !closed && !waits ? <TakenMeter entry={first} className="mt-1.5" /> : null,
    };
  });
  return (
    <div className="grid gap-1.5">
      <ChoiceCards
        legend={t("where.partition")}
        name="partition"
        value={composed.partition}
        onChange={choose}
        choices={choices}
        describedBy={problemsId}
      />
      <Problems id={problemsId} problems={problems.of("partition")} />
    </div>
  );
}
