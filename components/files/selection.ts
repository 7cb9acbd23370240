// Which rows are chosen and where the keyboard is, as lists on a desk have it. Pure; rows are known by their path.

export type Selection = {
  chosen: ReadonlySet<string>;
  /** Where the keyboard is. */
  active: string | null;
  /** Where a range begins. */
  anchor: string | null;
};

export const nothing: Selection = { chosen: new Set(), active: null, anchor: null };

export const only = (path: string): Selection => ({ chosen: new Set([path]), active: path, anchor: path });

export function toggled({ chosen }: Selection, path: string): Selection {
  const next = new Set(chosen);
  if (!next.delete(path)) next.add(path);
  return { chosen: next, active: path, anchor: path };
}

/** Everything from the anchor to `path`, in the order of `rows`; where the anchor is gone, a range begins anew. */
export function ranged(selection: Selection, path: string, rows: string[]): Selection {
  const anchor = selection.anchor !== null && rows.includes(selection.anchor) ? selection.anchor : path;
  const ends = [rows.indexOf(anchor), rows.indexOf(path)].sort((a, b) => a - b);
  const [from = 0, to = 0] = ends;
  return { chosen: new Set(rows.slice(Math.max(0, from), to + 1)), active: path, anchor };
}

export const all = (selection: Selection, rows: string[]): Selection => ({ ...selection, chosen: new Set(rows) });

type View = {
  rows: string[];
  /** How many rows are in sight. */
  page: number;
  /** Where the active row was when it was last there; -1 where that says nothing about these rows. */
  lastAt: number;
};

/** Where `key` leads from the active row, or from between the rows where it was when it is gone; null for keys that do not move. */
export function moved({ active }: Selection, key: string, { rows, page, lastAt }: View) {
  const last = rows.length - 1;
  const found = active === null ? -1 : rows.indexOf(active);
  const isGone = active !== null && found < 0;
  const [above, below] = isGone ? [lastAt - 1, lastAt] : [found, found];
  const steps: Record<string, number> = {
    ArrowDown: above + 1,
    ArrowUp: below - 1,
    Home: 0,
    End: last,
    PageDown: above + page,
    PageUp: below - page,
  };
  const step = steps[key];
  return step === undefined ? null : (rows[Math.min(last, Math.max(0, step))] ?? null);
}
