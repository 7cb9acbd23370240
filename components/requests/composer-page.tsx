"use client";
// Loads what the form needs to know, then shows it filled from the address.
import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "next/navigation";
import { useTranslations } from "next-intl";
import { useCallback, useEffect, useReducer, useRef, useState } from "react";
import { clusters } from "@/components/clusters/queries";
import { Failed } from "@/components/frame/failed";
import { useTitle } from "@/components/frame/use-title";
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
  const { generation, wrote } = useGeneration();
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
      <Filled key={`${name} ${generation}`} template={template} clusters={places.data} wrote={wrote} />
    </>
  );
}

const latelyMs = 10_000;

/** Grows when the address has become one that the form did not write: a link to the same template, or the way back. */
function useGeneration() {
  const search = useSearchParams().toString();
  const last = useRef(search);
  // On a busy machine Next tells of one when the form has written others since.
  const lately = useRef<{ search: string; at: number }[]>([]);
  const [generation, next] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    const isOurs = lately.current.some((one) => one.search === search && performance.now() - one.at < latelyMs);
    if (search === last.current || isOurs) return;
    last.current = search;
    lately.current = [];
    next();
  }, [search]);
  const wrote = useCallback((address: string) => {
    last.current = address;
    lately.current = [...lately.current.slice(-20), { search: address, at: performance.now() }];
  }, []);
  return { generation, wrote };
}

type FilledProps = { template: TemplateView; clusters: ClusterView[]; wrote: (search: string) => void };

/** The address is read once: afterwards the form writes it. */
function Filled({ template, clusters, wrote }: FilledProps) {
  const frame = useTranslations("frame");
  useTitle(`${template.title} · ${frame("page.launch")}`);
  const search = useSearchParams();
  const [initial] = useState(() => {
    const given = new URLSearchParams(search);
    return fromSearch(given, defaultsFor(template, clusters, given.get("cluster")));
  });
  return <Composer template={template} clusters={clusters} initial={initial} onAddress={wrote} />;
}
