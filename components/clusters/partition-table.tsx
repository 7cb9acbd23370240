"use client";
import { CircleCheck, CircleOff, Lock } from "lucide-react";
import { useTranslations } from "next-intl";
import { closedFor } from "@/components/clusters/capacity";
import { FreeBars } from "@/components/clusters/free-bar";
// What each partition has, what of it is free, and whether this person may use it.
import { shownPartitions } from "@/components/clusters/shown-partitions";
import { Chip } from "@/components/ui/chip";
import type { ClusterView, PartitionView } from "@/lib/clusters/schema";
import { formatGiB, formatMinutes, mibToGib } from "@/lib/units";

const columns = ["partition", "free", "node", "time", "features"] as const;

type RowProps = { partition: PartitionView; account: string };

/** A table on a desk, one block for each partition on a phone. */
export function PartitionTable({ cluster }: { cluster: ClusterView }) {
  const t = useTranslations("clusters");
  const account = cluster.me.defaultAccount ?? "";
  return (
    <table className="mt-2 w-full text-left max-md:block">
      <thead className="border-line border-y bg-sunk/50 text-xs text-ink3 max-md:sr-only">
        <tr>
          {columns.map((column) => (
            <th key={column} scope="col" className="px-3 py-2 font-semibold first:pl-5">
              {t(`column.${column}`)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody className="divide-y divide-line max-md:block max-md:border-line max-md:border-t">
        {shownPartitions(cluster.partitions).map((partition) => (
          <PartitionRow key={partition.name} partition={partition} account={account} />
        ))}
      </tbody>
    </table>
  );
}

function PartitionRow({ partition, account }: RowProps) {
  const t = useTranslations("clusters");
  const { cpusPerNode, memoryMiBPerNode, gpus, maxMinutes, features } = partition;
  const node = [
    t("cores", { count: cpusPerNode }),
    formatGiB(mibToGib(memoryMiBPerNode)),
    ...gpus.map((gpu) => `${gpu.perNode} × ${gpu.type.toUpperCase()}`),
  ];
  return (
    <tr className="max-md:grid max-md:gap-1.5 max-md:p-4">
      <th scope="row" className="font-normal md:w-[24%] md:py-3.5 md:pr-3 md:pl-5">
        <span className="flex flex-wrap items-center gap-2">
          <span className="font-semibold">{partition.name}</span>
          <PartitionChip partition={partition} account={account} />
          {partition.isDefault ? <span className="text-sm text-ink3">{t("isDefault")}</span> : null}
        </span>
      </th>
      <td className="md:w-[30%] md:px-3 md:py-3.5">
        {/* What is free where no job is taken is nobody's to have. */}
        {partition.up ? <FreeBars partition={partition} /> : <span className="text-ink3 max-md:hidden">–</span>}
      </td>
      <td className="text-sm text-ink2 md:px-3 md:py-3.5">
        <span className="text-ink3 md:hidden">{t("column.node")}: </span>
        {node.join(" · ")}
      </td>
      <td className="text-sm text-ink2 md:px-3 md:py-3.5">
        <span className="text-ink3 md:hidden">{t("column.time")}: </span>
        {maxMinutes ? formatMinutes(maxMinutes) : t("noLimit")}
      </td>
      <td className={features.length > 0 ? "text-sm text-ink2 md:px-3 md:py-3.5" : "max-md:hidden md:px-3 md:py-3.5"}>
        <span className="text-ink3 md:hidden">{t("column.features")}: </span>
        {features.join(", ") || "–"}
      </td>
    </tr>
  );
}

function PartitionChip({ partition, account }: RowProps) {
  const t = useTranslations("clusters");
  const closed = closedFor(partition, account);
  if (closed === "down")
    return (
      <Chip tone="bad" icon={CircleOff}>
        {t("partitionDown")}
      </Chip>
    );
  if (closed === "account")
    return (
      <Chip tone="calm" icon={Lock}>
        {t("notWith", { account })}
      </Chip>
    );
  return (
    <Chip tone="ok" icon={CircleCheck}>
      {t("up")}
    </Chip>
  );
}
