"use client";
// Everything that can be launched, with where it can run; what cannot run somewhere says what is missing and what to do.
import { useQuery } from "@tanstack/react-query";
import { CircleCheck, CircleSlash, MessageCircleQuestion, PackageOpen, Timer } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { clusters } from "@/components/clusters/queries";
import { Failed } from "@/components/frame/failed";
import { me } from "@/components/people/queries";
import { useAmounts } from "@/components/sessions/use-amounts";
import { templates } from "@/components/templates/queries";
import { runsThere } from "@/components/templates/quick-tiles";
import { TemplateIcon } from "@/components/templates/template-icon";
import { Empty } from "@/components/ui/empty";
import { Skeleton } from "@/components/ui/skeleton";
import { paths } from "@/lib/paths";
import type { TemplateView } from "@/lib/templates/schema";
import { formatMinutes } from "@/lib/units";

export function Gallery() {
  const t = useTranslations("templates");
  const known = useQuery(templates);
  if (known.isLoadingError) return <Failed error={known.error} retry={known.refetch} />;
  if (known.data?.length === 0)
    return (
      <div className="card">
        <Empty icon={PackageOpen} title={t("none.title")} text={t("none.text")} />
      </div>
    );
  return (
    <ul className="grid gap-4 sm:grid-cols-2 lg:grid-cols-3">
      {known.isPending ? [1, 2, 3].map((card) => <Skeleton key={card} className="h-52 rounded-lg" />) : null}
      {known.data?.map((template) => (
        <TemplateCard key={template.name} template={template} />
      ))}
      {known.data ? <MissingCard /> : null}
    </ul>
  );
}

/** The way to what is not there. */
function MissingCard() {
  const t = useTranslations("templates");
  const person = useQuery(me);
  return (
    <li className="dots grid content-center justify-items-center gap-1 rounded-lg border border-line2 border-dashed p-5 text-center">
      <MessageCircleQuestion aria-hidden className="mb-1 size-6 text-ink3" />
      <p className="font-semibold">{t("missing.title")}</p>
      <p className="max-w-60 text-ink2 text-sm">
        {t("missing.text", { support: person.data?.instance.support ?? "" })}
      </p>
    </li>
  );
}

function TemplateCard({ template }: { template: TemplateView }) {
  const t = useTranslations("templates");
  const describe = useAmounts();
  const { cpus, memoryGiB, minutes } = template.resources;
  // Still a link: its form says what is missing and whom to ask.
  const nowhere = template.clusters.length > 0 && !template.clusters.some(runsThere);
  return (
    <li className="card group relative flex flex-col gap-3.5 p-5 transition-[border-color,box-shadow] focus-within:border-accent hover:border-accent hover:shadow-pop">
      <div className="flex items-start gap-3.5">
        <TemplateIcon name={template.name} size="lg" />
        <div className="min-w-0">
          <h2 className={nowhere ? "text-lg font-semibold text-ink2" : "text-lg font-semibold"}>
            <Link href={paths.compose(template.name)} className="after:absolute after:inset-0 after:content-['']">
              {template.title}
            </Link>
          </h2>
          <p className="text-ink2">{template.summary}</p>
        </div>
      </div>
      <Availability template={template} />
      <p className="mt-auto flex items-center gap-2 border-line border-t pt-3 text-sm text-ink3">
        <Timer aria-hidden className="size-4" />
        {t("usually", {
          what: `${describe({ cpus: cpus.default, memoryGiB: memoryGiB.default })} · ${formatMinutes(minutes.default)}`,
        })}
      </p>
    </li>
  );
}

const howThere = (available: boolean | null) =>
  available === null ? "notProbed" : available ? "availableOn" : "withModules";

function Availability({ template }: { template: TemplateView }) {
  const t = useTranslations("templates");
  const known = useQuery(clusters).data ?? [];
  const title = (name: string) => known.find((cluster) => cluster.name === name)?.title ?? name;
  return (
    <ul className="grid gap-1.5 text-sm">
      {template.clusters.map((there) => (
        <li key={there.cluster} className="flex gap-2">
          {runsThere(there) ? (
            <CircleCheck
              aria-hidden
              className={there.available ? "mt-0.5 size-4 shrink-0 text-ok" : "mt-0.5 size-4 shrink-0 text-ink3"}
            />
          ) : (
            <CircleSlash aria-hidden className="mt-0.5 size-4 shrink-0 text-wait" />
          )}
          {runsThere(there) ? (
            <span>{t(howThere(there.available), { cluster: title(there.cluster) })}</span>
          ) : (
            <span>
              <span className="font-semibold text-wait">
                {t("missingOn", { cluster: title(there.cluster), missing: there.missing ?? "" })}
              </span>
              <span className="block text-ink3">{there.hint}</span>
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}
