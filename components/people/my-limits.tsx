"use client";
// Meters of what this person may use at once, with whose rule each limit is.
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { Failed } from "@/components/frame/failed";
import { me } from "@/components/people/queries";
import { Card } from "@/components/ui/card";
import { Meter } from "@/components/ui/meter";
import { Skeleton } from "@/components/ui/skeleton";
import type { Me } from "@/lib/auth/schema";
import { formatGiB } from "@/lib/units";

type Limit = Me["limits"][number];

// From here on it is worth a look before launching.
const nearlyFull = 0.8;

export function MyLimits() {
  const t = useTranslations("people");
  const person = useQuery(me);
  return (
    <Card title={t("limits.title")} note={t("limits.note")}>
      {person.isError ? <Failed error={person.error} retry={person.refetch} /> : null}
      {person.isPending ? <Loading /> : null}
      {person.data ? (
        <div className="grid gap-3.5">
          {person.data.limits.map((limit) => (
            <LimitMeter key={limit.name} limit={limit} />
          ))}
          <LimitSources limits={person.data.limits} support={person.data.instance.support} />
        </div>
      ) : null}
    </Card>
  );
}

export const amountOf = (name: Limit["name"], value: number): string =>
  name === "memoryGiB" ? formatGiB(value) : String(value);

/** What is used, beside `max` in words: its unit is said once unless it is another one. */
export const usedOf = (name: Limit["name"], used: number, max: string): string =>
  max.endsWith("TiB") ? amountOf(name, used) : String(used);

function LimitMeter({ limit }: { limit: Limit }) {
  const t = useTranslations("people");
  const { name, used, max } = limit;
  // A limit of nought is full as soon as anything is used, and never divides.
  const share = max ? used / max : used > 0 ? 1 : 0;
  const full = max !== null && used >= max;
  const value =
    max === null
      ? t("limits.unlimited", { used: amountOf(name, used) })
      : t("limits.of", { used: usedOf(name, used, amountOf(name, max)), max: amountOf(name, max) });
  return (
    <div className="grid gap-1">
      <div className="flex justify-between gap-3 text-sm">
        <span>{t(`limits.${name}`)}</span>
        <span className={full ? "font-semibold text-wait" : "text-ink2"}>{value}</span>
      </div>
      {max === null ? null : <Meter share={share} tone={share >= nearlyFull ? "wait" : "accent"} />}
    </div>
  );
}

/** Only limits that are more than half used raise the question whose they are. */
function LimitSources({ limits, support }: { limits: Limit[]; support: string }) {
  const t = useTranslations("people");
  const pressing = limits.filter(({ used, max, source }) => max !== null && used > max / 2 && source);
  const sources = [...new Set(pressing.map((limit) => limit.source))];
  if (sources.length === 0) return null;
  return (
    <p className="text-sm text-ink3 first-letter:uppercase">
      {t("limits.sources", { sources: sources.join(", "), support })}
    </p>
  );
}

function Loading() {
  return (
    <div className="grid gap-4 py-1">
      {["w-1/3", "w-1/2", "w-2/5"].map((width) => (
        <div key={width} className="grid gap-2">
          <Skeleton className={`h-3 ${width}`} />
          <Skeleton className="h-1.5 w-full" />
        </div>
      ))}
    </div>
  );
}
