"use client";
// Loads what the form needs to know, then shows it filled from the address.
import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { clusters } from "@/components/clusters/queries";
import { Failed } from "@/components/frame/failed";
import { Composer } from "@/components/requests/composer";
import { defaultsFor } from "@/components/requests/defaults";
import { fromSearch } from "@/components/requests/url-state";
import { templates } from "@/components/templates/queries";
import { TemplateIcon } from "@/components/templates/template-icon";
import { ButtonLink } from "@/components/ui/button";
import { Missing } from "@/components/ui/missing";
import { PageHeader } from "@/components/ui/page-header";
import { SkeletonPage } from "@/components/ui/skeleton";
import type { ClusterView } from "@/lib/clusters/schema";
import { paths } from "@/lib/paths";
import type { TemplateView } from "@/lib/templates/schema";

export function ComposerPage({ name }: { name: string }) {
  const t = useTranslations("requests");
  const known = useQuery(templates);
  const places = useQuery(clusters);
  const failed = known.error ?? places.error;
  const template = known.data?.find((entry) => entry.name === name);
  if (failed && !(known.data && places.data))
    return <Failed error={failed} retry={() => Promise.all([known.refetch(), places.refetch()])} />;
  if (!known.data || !places.data) return <SkeletonPage label={t("loading")} />;
  if (!template)
    return (
      <Missing
        title={t("missing.title")}
        text={t("missing.text")}
        action={<ButtonLink href={paths.launch()}>{t("missing.action")}</ButtonLink>}
      />
    );
  return (
    <>
      <PageHeader icon={<TemplateIcon name={name} size="lg" />} title={template.title} text={template.summary} />
      <Filled key={name} template={template} clusters={places.data} />
    </>
  );
}

/** The address is read once: afterwards the form writes it. */
function Filled({ template, clusters }: { template: TemplateView; clusters: ClusterView[] }) {
  const search = useSearchParams();
  const [initial] = useState(() => {
    const given = new URLSearchParams(search);
    return fromSearch(given, defaultsFor(template, clusters, given.get("cluster")));
  });
  return <Composer template={template} clusters={clusters} initial={initial} />;
}
