// biome-ignore-all lint/a11y/useSemanticElements: a table cannot draw only the rows in sight.
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus and names its active row, as ARIA's pattern has it.
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the grid has the keys.
"use client";
// One entry: a line of columns on a desk, two lines on a phone.
import clsx from "clsx";
import { EllipsisVertical } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { type CSSProperties, type MouseEvent, memo } from "react";
import { leadsTo, nameOf } from "@/components/files/arrange";
import { FileIcon } from "@/components/files/file-icon";
import { useKept } from "@/components/files/folder-state";
import { modeText } from "@/components/files/mode";
import { When } from "@/components/ui/when";
import { splitPath } from "@/lib/files/rules";
import type { FileEntry } from "@/lib/files/schema";
import { paths } from "@/lib/paths";
import { formatBytes } from "@/lib/units";

/** The columns of the list; its heading has the same. */
export const columns =
  "grid grid-cols-[2.75rem_minmax(0,1fr)_3rem] md:grid-cols-[2.75rem_minmax(0,1fr)_6rem_8rem_3rem] lg:grid-cols-[2.75rem_minmax(0,1fr)_6rem_8rem_6.5rem_8rem_3rem]";

/** Where opening an entry leads; null where there is nothing to open. */
export function hrefOf(cluster: string, entry: FileEntry): string | null {
  const there = leadsTo(entry);
  if (there === "folder") return paths.folder(cluster, entry.path);
  return there === "file" ? paths.file(cluster, splitPath(entry.path).folder, nameOf(entry.path)) : null;
}

export type RowHandlers = {
  onPick: (entry: FileEntry, event: MouseEvent) => void;
  onToggle: (entry: FileEntry) => void;
  onMenu: (entry: FileEntry, at: { x: number; y: number }) => void;
};

type Props = {
  entry: FileEntry;
  cluster: string;
  id: string;
  /** From 1, as ARIA counts. */
  index: number;
  style: CSSProperties;
  isChosen: boolean;
  isActive: boolean;
  handlers: RowHandlers;
};

export const FileRow = memo(function FileRow(props: Props) {
  const { entry, id, index, style, isChosen, isActive, handlers } = props;
  const t = useTranslations("files");
  return (
    <div
      id={id}
      role="row"
      aria-rowindex={index}
      aria-selected={isChosen}
      style={style}
      onClick={(event) => handlers.onPick(entry, event)}
      onContextMenu={(event) => {
        event.preventDefault();
        handlers.onMenu(entry, { x: event.clientX, y: event.clientY });
      }}
      className={clsx(
        columns,
        "group absolute inset-x-0 top-0 items-center border-line border-b",
        isChosen ? "bg-accent-soft" : "hover:bg-sunk/60",
        isActive && "group-focus-visible/grid:outline-2 -outline-offset-2 group-focus-visible/grid:outline-accent",
      )}
    >
      <span role="gridcell" className="grid h-full place-items-center">
        <label className="grid size-11 place-items-center">
          <input
            type="checkbox"
            tabIndex={-1}
            checked={isChosen}
            onChange={() => handlers.onToggle(entry)}
            onClick={(event) => event.stopPropagation()}
            aria-label={t("select", { name: entry.name })}
            className="size-4"
          />
        </label>
      </span>
      <NameCell {...props} />
      <Facts entry={entry} />
      <span role="gridcell" className="grid place-items-center">
        <button
          type="button"
          tabIndex={-1}
          aria-haspopup="dialog"
          aria-label={t("actions", { name: entry.name })}
          onClick={(event) => {
            event.stopPropagation();
            const box = event.currentTarget.getBoundingClientRect();
            handlers.onMenu(entry, { x: box.right, y: box.bottom });
          }}
          className="grid size-9 place-items-center rounded-md text-ink3 hover:bg-sunk hover:text-ink max-md:size-11"
        >
          <EllipsisVertical aria-hidden className="size-4.5" />
        </button>
      </span>
    </div>
  );
});

function NameCell({ entry, cluster }: Props) {
  const t = useTranslations("files");
  const kept = useKept();
  const there = hrefOf(cluster, entry);
  const href = there && kept(there);
  const { target } = entry;
  const words = target && t(target.type === null ? "brokenLink" : "linkTo", { target: target.text });
  return (
    <span role="gridcell" className="flex min-w-0 items-center gap-2.5 pr-2">
      <FileIcon entry={entry} />
      <span className="min-w-0">
        {/* Names are somebody's text: shown from the side on which they begin, and never turned around by what is in them. */}
        <span className="flex min-w-0 items-baseline gap-2">
          {href ? (
            <Link
              href={href}
              prefetch={false}
              tabIndex={-1}
              dir="auto"
              title={entry.name}
              className="min-w-0 truncate font-[550] hover:underline max-md:after:absolute max-md:after:inset-y-0 max-md:after:right-12 max-md:after:left-11"
            >
              {entry.name}
            </Link>
          ) : (
            <span dir="auto" title={entry.name} className="min-w-0 truncate text-ink2">
              {entry.name}
            </span>
          )}
          {words ? (
            <span className={clsx("min-w-0 truncate text-sm max-md:sr-only", target?.type ? "text-ink3" : "text-bad")}>
              {words}
            </span>
          ) : null}
        </span>
        <span className="flex gap-2 text-sm text-ink3 md:hidden">
          {entry.type === "file" ? <span>{formatBytes(entry.size)}</span> : <span>{t(`type.${entry.type}`)}</span>}
          <When at={entry.modifiedAt} />
        </span>
      </span>
    </span>
  );
}

function Facts({ entry }: { entry: FileEntry }) {
  const t = useTranslations("files");
  const cell = "truncate pr-4 text-sm text-ink2";
  return (
    <>
      <span role="gridcell" className={clsx(cell, "text-right max-md:hidden")}>
        {entry.type === "file" ? formatBytes(entry.size) : <span className="text-ink3">{t(`type.${entry.type}`)}</span>}
      </span>
      <span role="gridcell" className={clsx(cell, "max-md:hidden")}>
        <When at={entry.modifiedAt} />
      </span>
      <span role="gridcell" title={entry.mode} className={clsx(cell, "font-mono text-xs max-lg:hidden")}>
        {modeText(entry.mode)}
      </span>
      <span role="gridcell" title={`${entry.owner}:${entry.group}`} className={clsx(cell, "max-lg:hidden")}>
        {entry.owner}
        <span className="text-ink3">:{entry.group}</span>
      </span>
    </>
  );
}
