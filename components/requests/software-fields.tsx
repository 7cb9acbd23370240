"use client";
// What the session runs in: what the node has, or environment modules of the cluster.
import { Layers, MonitorCog } from "lucide-react";
import { useTranslations } from "next-intl";
import { useComposer } from "@/components/requests/place";
import { ChoiceCards } from "@/components/ui/choice";
import { Problems } from "@/components/ui/field";
import { late } from "@/components/ui/late";
import { Skeleton } from "@/components/ui/skeleton";

// Few use modules: the picker is loaded by those who do.
const ModulePicker = late({
  load: () => import("@/components/requests/module-picker"),
  meanwhile: <Skeleton className="h-32" />,
});

const icons = { host: MonitorCog, modules: Layers } as const;
const kinds = ["host", "modules"] as const;

export function SoftwareFields() {
  const t = useTranslations("requests");
  const { template, cluster, composed, problems, set } = useComposer();
  const offered = kinds.filter((kind) => template.software.includes(kind));
  // One way is no choice; but modules are.
  if (offered.length < 2 && composed.software === offered[0] && composed.software === "host")
    return <Problems problems={problems.of("software")} />;
  const choices = offered.map((kind) => {
    const Icon = icons[kind];
    return {
      value: kind,
      title: (
        <>
          <Icon aria-hidden className="size-4 text-ink3" />
          {t(`software.${kind}`)}
        </>
      ),
      text:
        kind === "modules" && composed.modules.length > 0 ? composed.modules.join(" · ") : t(`software.${kind}Text`),
      unavailable:
        kind === "modules" && cluster?.modules === false ? t("software.noModules", { cluster: cluster.title }) : null,
    };
  });
  return (
    <div className="grid gap-2.5">
      <ChoiceCards
        legend={t("software.label")}
        name="software"
        value={composed.software}
        onChange={(value) => set("software", value === "modules" ? "modules" : "host")}
        choices={choices}
        columns="sm:grid-cols-2"
      />
      {composed.software === "modules" && cluster ? <ModulePicker key={cluster.name} cluster={cluster.name} /> : null}
      <Problems problems={problems.of("software")} />
    </div>
  );
}
