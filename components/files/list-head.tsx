// biome-ignore-all lint/a11y/useSemanticElements: a table cannot draw only the rows in sight.
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus and names its active row, as ARIA's pattern has it.
"use client";
// The heading of the list: orders it, and chooses everything.
import clsx from "clsx";
import { ArrowDown, ArrowUp } from "lucide-react";
import { useTranslations } from "next-intl";
import type { Arrangement, SortKey } from "@/components/files/arrange";
import { columns } from "@/components/files/file-row";
import type { Selection } from "@/components/files/selection";
import type { FileEntry } from "@/lib/files/schema";

type Props = {
  entries: FileEntry[];
  selection: Selection;
  onSelect: (selection: Selection) => void;
  arrangement: Arrangement;
  onArrange: (change: Partial<Arrangement>) => void;
};

const heads: { key: SortKey; column: "name" | "size" | "modified" | "owner"; className?: string }[] = [
  { key: "name", column: "name" },
  { key: "size", column: "size", className: "justify-end pr-3" },
  { key: "modified", column: "modified" },
];

export function ListHead({ entries, selection, onSelect, arrangement, onArrange }: Props) {
  const t = useTranslations("files");
  const isAll = entries.length > 0 && entries.every(({ path }) => selection.chosen.has(path));
  const sortBy = (key: SortKey) =>
    onArrange({ sort: key, descending: arrangement.sort === key ? !arrangement.descending : false });
  const head = ({ key, column, className }: (typeof heads)[number]) => {
    const on = arrangement.sort === key;
    const Arrow = arrangement.descending ? ArrowDown : ArrowUp;
    const order = arrangement.descending ? "descending" : "ascending";
    return (
      <span
        key={key}
        role="columnheader"
        aria-sort={on ? order : "none"}
        className="max-md:first-of-type:block min-w-0"
      >
        <button
          type="button"
          onClick={() => sortBy(key)}
          className={clsx("flex h-9 w-full items-center gap-1", className)}
        >
          {t(`column.${column}`)}
          {on ? <Arrow aria-hidden className="size-3.5" /> : null}
        </button>
      </span>
    );
  };
  return (
    <div role="rowgroup" className="border-line border-b bg-panel text-sm text-ink3 max-md:hidden">
      <div role="row" aria-rowindex={1} className={clsx(columns, "items-center")}>
        <span role="columnheader" className="grid place-items-center">
          <input
            type="checkbox"
            aria-label={t("selectAll")}
            checked={isAll}
            onChange={() => onSelect({ ...selection, chosen: new Set(isAll ? [] : entries.map(({ path }) => path)) })}
            className="size-4"
          />
        </span>
        {heads.map(head)}
        <span role="columnheader" className="max-lg:hidden">
          {t("column.mode")}
        </span>
        <span role="columnheader" aria-sort="none" className="max-lg:hidden">
          {t("column.owner")}
        </span>
        <span role="columnheader">
          <span className="sr-only">{t("column.actions")}</span>
        </span>
      </div>
    </div>
  );
}
