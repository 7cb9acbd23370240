// biome-ignore-all lint/a11y/useSemanticElements: a table cannot draw only the rows in sight.
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus and names its active row, as ARIA's pattern has it.
"use client";
// A folder's entries, of which only those in sight are drawn. Behaves as lists of files do on a desk: ARIA's grid pattern
// with one stop for Tab, arrows inside. https://www.w3.org/WAI/ARIA/apg/patterns/grid/
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { useRouter } from "next/navigation";
import { type KeyboardEvent, useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { Arrangement } from "@/components/files/arrange";
import { FileRow, hrefOf, type RowHandlers } from "@/components/files/file-row";
import { useKept } from "@/components/files/folder-state";
import { ListHead } from "@/components/files/list-head";
import * as selecting from "@/components/files/selection";
import { useIsPhone } from "@/components/files/use-is-phone";
import type { FileEntry } from "@/lib/files/schema";

export type ListKeys = { onRename: (entry: FileEntry) => void; onDelete: () => void };

type Props = {
  label: string;
  cluster: string;
  entries: FileEntry[];
  selection: selecting.Selection;
  onSelect: (selection: selecting.Selection) => void;
  onMenu: RowHandlers["onMenu"];
  keys: ListKeys;
  arrangement: Arrangement;
  onArrange: (change: Partial<Arrangement>) => void;
};

/** The next list takes the focus: who opens a folder by key goes on by key. */
let isByKey = false;

const rowHeight = { desk: 41, phone: 61 };

export function FileList(props: Props) {
  const { label, cluster, entries, selection, arrangement, onSelect, onMenu } = props;
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const isPhone = useIsPhone();
  const height = isPhone ? rowHeight.phone : rowHeight.desk;
  const rows = useMemo(() => entries.map(({ path }) => path), [entries]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is above the list changes with what is listed.
  useLayoutEffect(() => setTop(box.current?.offsetTop ?? 0), [entries.length, isPhone]);
  const grid = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (isByKey) grid.current?.focus({ preventScroll: true });
    isByKey = false;
  }, []);
  const virtual = useWindowVirtualizer({
    count: entries.length,
    estimateSize: () => height,
    overscan: 12,
    scrollMargin: top,
    // The bars that stay at the top and at the bottom of the window.
    scrollPaddingStart: 150,
    scrollPaddingEnd: 90,
    getItemKey: (at) => rows[at] ?? at,
  });
  const state = useRef({ selection, rows });
  state.current = { selection, rows };
  const handlers = useMemo<RowHandlers>(
    () => ({
      onPick: (entry, event) => {
        const now = state.current;
        if (event.shiftKey) onSelect(selecting.ranged(now.selection, entry.path, now.rows));
        else if (event.ctrlKey || event.metaKey) onSelect(selecting.toggled(now.selection, entry.path));
        else onSelect(selecting.only(entry.path));
      },
      onToggle: (entry) => onSelect(selecting.toggled(state.current.selection, entry.path)),
      onMenu,
    }),
    [onSelect, onMenu],
  );
  const activeAt = selection.active === null ? -1 : rows.indexOf(selection.active);
  const shownAs = JSON.stringify(arrangement);
  const last = useRef({ shownAs, at: -1 });
  useEffect(() => {
    // In another arrangement the place of a row that is gone says nothing.
    if (activeAt >= 0 || last.current.shownAs !== shownAs) last.current = { shownAs, at: activeAt };
  }, [activeAt, shownAs]);
  const onKeyDown = useListKeys(props, {
    rows,
    lastAt: () => last.current.at,
    page: Math.floor(window.innerHeight / height) - 4,
    go: virtual.scrollToIndex,
  });
  return (
    <div
      ref={grid}
      role="grid"
      tabIndex={0}
      aria-label={label}
      aria-rowcount={entries.length + 1}
      aria-multiselectable
      aria-activedescendant={activeAt >= 0 ? `${id}-${activeAt}` : undefined}
      onKeyDown={onKeyDown}
      className="group/grid outline-none focus-visible:outline-2 focus-visible:outline-offset-2"
    >
      <ListHead {...props} />
      <div ref={box} role="rowgroup" className="relative" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, key, start }) => {
          const entry = entries[index];
          if (!entry) return null;
          return (
            <FileRow
              key={key}
              id={`${id}-${index}`}
              {...{ entry, cluster, handlers }}
              index={index + 2}
              style={{ height, transform: `translateY(${start - top}px)` }}
              isChosen={selection.chosen.has(entry.path)}
              isActive={index === activeAt}
            />
          );
        })}
      </div>
    </div>
  );
}

type View = { rows: string[]; page: number; lastAt: () => number; go: (at: number) => void };

function useListKeys({ cluster, entries, selection, onSelect, onMenu, keys }: Props, { rows, page, lastAt, go }: View) {
  const router = useRouter();
  const kept = useKept();
  const open = (entry: FileEntry) => {
    const href = hrefOf(cluster, entry);
    if (!href) return;
    isByKey = true;
    router.push(kept(href));
  };
  const keysFor = (active: FileEntry | undefined): Map<string, () => void> => {
    const found = new Map([
      ["Escape", () => onSelect({ ...selection, chosen: new Set() })],
      ["Delete", keys.onDelete],
    ]);
    if (!active) return found;
    found.set("Enter", () => open(active));
    found.set(" ", () => onSelect(selecting.toggled(selection, active.path)));
    found.set("F2", () => keys.onRename(active));
    found.set("ContextMenu", () => onMenu(active, { x: window.innerWidth / 2, y: 200 }));
    return found;
  };
  return (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget || event.altKey) return;
    const to = selecting.moved(selection, event.key, { rows, page, lastAt: lastAt() });
    const isAll = (event.ctrlKey || event.metaKey) && event.key === "a";
    const act = keysFor(entries[rows.indexOf(selection.active ?? "")]).get(
      event.key === "F10" && event.shiftKey ? "ContextMenu" : event.key,
    );
    if (to === null && !isAll && !act) return;
    event.preventDefault();
    if (isAll) onSelect(selecting.all(selection, rows));
    else if (to === null) act?.();
    else {
      if (event.shiftKey) onSelect(selecting.ranged(selection, to, rows));
      else if (event.ctrlKey || event.metaKey) onSelect({ ...selection, active: to });
      else onSelect(selecting.only(to));
      go(rows.indexOf(to));
    }
  };
}
