"use client";
// When it would start, where, what it would use of one's limits, and how long it is kept.
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { amountOf, usedOf } from "@/components/people/my-limits";
import { me } from "@/components/people/queries";
import { useComposer } from "@/components/requests/place";
import { Facts } from "@/components/ui/facts";
import { useNow } from "@/components/ui/now";
import { Skeleton } from "@/components/ui/skeleton";
import { Clock } from "@/components/ui/when";
import { formatMinutes } from "@/lib/units";

// What starts within a minute starts now, as far as anybody waits.
const soonMs = 60_000;
const keptMs = 5 * 60_000;

export function RequestFacts() {
  const t = useTranslations("requests");
  const { preview, composed } = useComposer();
  return (
    <Facts
      items={[
        [t("facts.starts"), <Start key="start" />],
        [t("facts.on"), preview.estimate?.node],
        ...useLimitLines(),
        [t("facts.time"), Number.isNaN(composed.minutes) ? null : formatMinutes(composed.minutes)],
      ]}
    />
  );
}

function Start() {
  const t = useTranslations("requests");
  const { preview, problems } = useComposer();
  const now = useNow();
  const { estimate } = preview;
  // An estimate of what may not be launched would only raise hopes.
  if (problems.blocked) return <span className="text-ink3">{t("facts.afterFix")}</span>;
  if (!estimate)
    return preview.estimating ? (
      <Skeleton className="h-5 w-28" />
    ) : (
      <span className="text-ink3">{t("facts.unknown")}</span>
    );
  if (!estimate.accepted)
    return (
      <span className="text-bad">
        {t("facts.wouldRefuse")} <code className="block font-mono text-[0.75rem]">{estimate.words}</code>
      </span>
    );
  if (!estimate.expectedStartAt) return <span className="text-ink3">{t("facts.unknown")}</span>;
  const startMs = Date.parse(estimate.expectedStartAt);
  const soon = startMs - preview.estimatedAt < soonMs;
  // What was foreseen a while ago, or has not come true, nobody knows any more.
  if (now - preview.estimatedAt > keptMs || (!soon && startMs < now))
    return <span className="text-ink3">{t("facts.unknown")}</span>;
  return (
    <span className="font-semibold">
      {soon ? (
        <span className="text-ok">{t("facts.now")}</span>
      ) : (
        <>
          {t("facts.about")} <Clock at={estimate.expectedStartAt} />
        </>
      )}
    </span>
  );
}

/** "3 of 2" for each limit that this request touches; over the limit in red, with by how much. */
function useLimitLines(): [string, ReactNode][] {
  const t = useTranslations("requests");
  const { composed } = useComposer();
  const limits = useQuery(me).data?.limits ?? [];
  // Amounts are asked for per node, limits count all of them.
  const nodes = Math.max(composed.nodes || 1, 1);
  const wanted = {
    sessions: 1,
    cpus: composed.cpus * nodes,
    memoryGiB: composed.memoryGiB * nodes,
    gpus: composed.gpus * nodes,
  };
  return limits
    .filter(({ name, max }) => max !== null && wanted[name] > 0)
    .map(({ name, used, max }) => {
      // Adding tenths makes tails such as 0.30000000000000004.
      const total = Number((used + wanted[name]).toFixed(1));
      const most = amountOf(name, max ?? 0);
      const over = max !== null && total > max;
      return [
        t(`facts.${name}`),
        <span key={name} className={over ? "font-semibold text-bad" : undefined}>
          {t("facts.ofLimit", { total: usedOf(name, total, most), max: most })}
          {over ? ` · ${t("facts.tooMany", { over: amountOf(name, Number((total - (max ?? 0)).toFixed(1))) })}` : null}
        </span>,
      ];
    });
}
