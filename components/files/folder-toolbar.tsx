"use client";
// Above the list: filter, hidden files and order; while something is chosen, what can be done with it instead.
import { ArrowDownWideNarrow, ArrowUpNarrowWide, Eye, EyeOff, RefreshCw, Search } from "lucide-react";
import { useTranslations } from "next-intl";
import { type Arrangement, sortKeys } from "@/components/files/arrange";
import { Button } from "@/components/ui/button";

type Props = { arrangement: Arrangement; onArrange: (change: Partial<Arrangement>) => void; onReload: () => void };

export function FolderToolbar({ arrangement, onArrange, onReload }: Props) {
  const t = useTranslations("files");
  const { filter, hidden, sort, descending } = arrangement;
  const Order = descending ? ArrowDownWideNarrow : ArrowUpNarrowWide;
  const Hidden = hidden ? Eye : EyeOff;
  return (
    <search className="flex items-center gap-1.5 p-2 sm:px-3">
      <div className="relative min-w-0 flex-1 sm:max-w-80">
        <Search aria-hidden className="pointer-events-none absolute top-2.5 left-3 size-4 text-ink3 max-sm:top-3.5" />
        <input
          type="search"
          aria-label={t("filter")}
          placeholder={t("filterShort")}
          value={filter}
          onChange={(event) => onArrange({ filter: event.target.value })}
          className="h-9 w-full rounded-md border border-line2 bg-panel pr-2 pl-9 hover:border-ink3 max-sm:h-11 max-sm:text-[16px]"
        />
      </div>
      <div className="ml-auto flex items-center gap-0.5">
        <label className="flex h-9 items-center gap-1 rounded-md px-1.5 text-sm text-ink2 has-focus-visible:outline-2 has-focus-visible:outline-accent md:hidden">
          <span className="sr-only">{t("sortBy")}</span>
          <select
            value={sort}
            onChange={(event) => onArrange({ sort: sortKeys.find((key) => key === event.target.value) })}
            className="max-w-24 appearance-none bg-transparent"
          >
            {sortKeys.map((key) => (
              <option key={key} value={key}>
                {t(`column.${key}`)}
              </option>
            ))}
          </select>
        </label>
        <Button
          look="quiet"
          size="icon"
          className="md:hidden"
          aria-pressed={descending}
          aria-label={t(descending ? "descending" : "ascending")}
          onClick={() => onArrange({ descending: !descending })}
        >
          <Order aria-hidden />
        </Button>
        <Button
          look="quiet"
          aria-pressed={hidden}
          title={t("hidden")}
          onClick={() => onArrange({ hidden: !hidden })}
          className="max-md:w-9 max-md:px-0"
        >
          <Hidden aria-hidden className={hidden ? "text-accent" : undefined} />
          <span className="max-md:sr-only">{t("hidden")}</span>
        </Button>
        <Button look="quiet" size="icon" aria-label={t("reload")} title={t("reload")} onClick={onReload}>
          <RefreshCw aria-hidden />
        </Button>
      </div>
    </search>
  );
}
