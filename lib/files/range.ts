// Range requests (RFC 9110 section 14): one range of bytes; anything else is answered with the whole file, as the RFC allows.

/** `from` null: the last `to` bytes. `to` null: up to the end. */
export type Range = { from: number | null; to: number | null };

/** What a Range header asks for, or null when there is none that is understood. */
export function parseRange(header: string | null): Range | null {
  const [, from = "", to = ""] = /^bytes=(\d{0,15})-(\d{0,15})$/i.exec(header?.trim() ?? "") ?? [];
  if (from === "" && to === "") return null;
  const range = { from: from === "" ? null : Number(from), to: to === "" ? null : Number(to) };
  return range.from !== null && range.to !== null && range.to < range.from ? null : range;
}

/** The bytes of a file of `size` that a range means; null when none of it is there. */
export function spanOf(range: Range | null, size: number): { from: number; count: number } | null {
  if (!range) return { from: 0, count: size };
  const from = range.from ?? Math.max(0, size - (range.to ?? 0));
  const to = range.from === null ? size - 1 : Math.min(range.to ?? size - 1, size - 1);
  return from > to ? null : { from, count: to - from + 1 };
}
