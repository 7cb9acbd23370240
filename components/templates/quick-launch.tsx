"use client";
// Home's tiles: what was launched lately, then templates not used yet; each one click from a filled form.
import { useQuery } from "@tanstack/react-query";
import { ArrowRight } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { Failed } from "@/components/frame/failed";
import { launchAgainHref } from "@/components/sessions/launch-again";
import { recentSessions } from "@/components/sessions/queries";
import { useAmounts } from "@/components/sessions/use-amounts";
import { templates } from "@/components/templates/queries";
import { quickTiles, type Tile } from "@/components/templates/quick-tiles";
import { TemplateIcon } from "@/components/templates/template-icon";
import { Skeleton } from "@/components/ui/skeleton";
import { paths } from "@/lib/paths";
import { formatMinutes } from "@/lib/units";

export function QuickLaunch() {
  const t = useTranslations("templates");
  const known = useQuery(templates);
  const recent = useQuery(recentSessions);
  const tiles = known.data && quickTiles(known.data, recent.data ?? []);
  return (
    <section aria-labelledby="quick-launch" className="grid gap-3">
      <h2 id="quick-launch" className="font-semibold">
        {t("quick")}
      </h2>
      {known.isLoadingError ? <Failed error={known.error} retry={known.refetch} /> : null}
      <ul className="grid grid-cols-2 gap-3 md:grid-cols-4">
        {tiles ? tiles.map((tile) => <QuickTile key={tile.key} tile={tile} />) : null}
        {known.isPending ? [1, 2].map((tile) => <Skeleton key={tile} className="h-32 rounded-lg" />) : null}
      </ul>
    </section>
  );
}

function QuickTile({ tile }: { tile: Tile }) {
  const t = useTranslations("templates");
  const describe = useAmounts();
  // Both lead to the form, filled: nothing is launched by one careless click.
  const href = tile.session ? launchAgainHref(tile.session) : paths.compose(tile.template.name);
  const { resources } = tile.template;
  const asked = tile.session?.request ?? { cpus: resources.cpus.default, memoryGiB: resources.memoryGiB.default };
  const minutes = tile.session?.request.minutes ?? resources.minutes.default;
  return (
    <li className="card group relative grid content-start gap-2.5 p-4 transition-[border-color] hover:border-accent">
      <span className="flex items-start justify-between">
        <TemplateIcon name={tile.template.name} />
        <ArrowRight
          aria-hidden
          className="size-4 text-ink3 transition-transform motion-safe:group-hover:translate-x-0.5 group-hover:text-accent"
        />
      </span>
      <div className="min-w-0">
        <Link href={href} className="block truncate font-semibold after:absolute after:inset-0 after:content-['']">
          {tile.title}
        </Link>
        <p className="text-sm text-ink3">{tile.session ? t("again", { template: tile.template.title }) : t("fresh")}</p>
        <p className="text-sm text-ink3">
          {describe(asked)} · <span className="whitespace-nowrap">{formatMinutes(minutes)}</span>
        </p>
      </div>
    </li>
  );
}
