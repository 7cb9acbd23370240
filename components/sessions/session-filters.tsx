"use client";
// The filter of the session list. It lives in the URL, so that a filtered list can be linked to.
import { Search } from "lucide-react";
import { useTranslations } from "next-intl";
import { debounce, parseAsString, parseAsStringLiteral } from "nuqs";
import { Segments } from "@/components/ui/choice";

const states = ["all", "live", "ended"] as const;

export const filterParsers = {
  state: parseAsStringLiteral(states).withDefault("all"),
  // Not an address for each letter.
  q: parseAsString.withDefault("").withOptions({ limitUrlUpdates: debounce(250) }),
};

export type Filter = { state: (typeof states)[number]; q: string };

type Props = { filter: Filter; onChange: (change: Partial<Filter>) => unknown };

export function SessionFilters({ filter, onChange }: Props) {
  const t = useTranslations("sessions");
  const options = states.map((state) => ({ value: state, label: t(`filter.${state}`) }));
  return (
    <search className="flex flex-wrap items-center gap-2.5 border-line border-b p-3 sm:px-5">
      <Segments
        label={t("filter.label")}
        name="state"
        value={filter.state}
        onChange={(value) => onChange({ state: states.find((state) => state === value) })}
        options={options}
      />
      <div className="relative min-w-44 flex-1 sm:ml-auto sm:max-w-72">
        <Search aria-hidden className="pointer-events-none absolute top-2.5 left-3 size-4 text-ink3 max-sm:top-3.5" />
        <input
          type="search"
          aria-label={t("filter.search")}
          placeholder={t("filter.search")}
          value={filter.q}
          onChange={(event) => onChange({ q: event.target.value })}
          className="h-9 w-full rounded-md border border-line2 bg-panel pr-2 pl-9 hover:border-ink3 max-sm:h-11 max-sm:text-[16px]"
        />
      </div>
    </search>
  );
}
