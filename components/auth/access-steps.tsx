"use client";
// What stands between a signed-in person and a cluster, in the order in which it is given, with the missing step named.
import clsx from "clsx";
import { CircleAlert, CircleCheck, CircleDashed } from "lucide-react";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Chip } from "@/components/ui/chip";
import type { Me } from "@/lib/auth/schema";
import type { ClusterView } from "@/lib/clusters/schema";

type Standing = "done" | "missing" | "waiting";

const looks = {
  done: { icon: CircleCheck, tone: "ok" },
  missing: { icon: CircleAlert, tone: "bad" },
  waiting: { icon: CircleDashed, tone: "calm" },
} as const;

function Step({ title, standing, children }: { title: string; standing: Standing; children: ReactNode }) {
  const t = useTranslations("auth.access");
  const { icon, tone } = looks[standing];
  return (
    <li className="grid grid-cols-[1fr_auto] items-start gap-x-3 gap-y-0.5 border-line border-t py-3 first:border-t-0">
      <span className="font-semibold">{title}</span>
      <Chip tone={tone} icon={icon}>
        {t(standing)}
      </Chip>
      <span className={clsx("col-span-2", standing === "missing" ? "text-ink" : "text-ink2")}>{children}</span>
    </li>
  );
}

/** The three steps for one cluster that does not admit the person. */
export function AccessSteps({ cluster, person }: { cluster: ClusterView; person: Me }) {
  const t = useTranslations("auth.access");
  const { account, words } = cluster.me;
  return (
    <section aria-label={cluster.title} className="rounded-lg border border-line px-4 py-1">
      <h2 className="pt-2 text-ink3 text-sm">{cluster.title}</h2>
      <ol>
        <Step title={t("signOn")} standing="done">
          {t("signOnDone", { name: person.name })}
        </Step>
        <Step title={t("account")} standing={account ? "done" : "missing"}>
          {account ? t("accountDone", { account }) : words}
        </Step>
        <Step title={t("allocation")} standing={account ? "missing" : "waiting"}>
          {account ? words : t("allocationWaits")}
        </Step>
      </ol>
    </section>
  );
}
