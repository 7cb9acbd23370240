// Comma- or tab-separated values as rows, after RFC 4180: quotes, doubled quotes, line breaks within quotes; lines end with
// LF, CRLF, or CR as of a Mac's Excel. Pure.

/** The sign between the values: the one that the first line has most of. */
function separatorOf(text: string): string {
  const line = text.slice(0, 4000).split(/[\r\n]/)[0] ?? "";
  const count = (sign: string) => line.split(sign).length;
  const best = [",", "\t", ";"].toSorted((a, b) => count(b) - count(a))[0] ?? ",";
  return best;
}

/** At most `most` rows. */
export function parseCsv(text: string, most: number): string[][] {
  const separator = separatorOf(text);
  const rows: string[][] = [];
  let row: string[] = [];
  const value = new RegExp(`"((?:[^"]|"")*)"([^${separator}\\r\\n]*)|([^${separator}\\r\\n]*)`, "y");
  let at = 0;
  while (at < text.length && rows.length < most) {
    value.lastIndex = at;
    // What stands between a closing quote and the separator belongs to the value, but for spaces.
    const [whole = "", quoted, behind = "", plain = ""] = value.exec(text) ?? [];
    row.push(quoted === undefined ? plain : quoted.replaceAll('""', '"') + behind.trimEnd());
    at += whole.length;
    if (text[at] === separator) {
      at += 1;
      // A separator at the very end has an empty value behind it.
      if (at === text.length) row.push("");
      continue;
    }
    const end = /\r\n?|\n/y;
    end.lastIndex = at;
    at += end.exec(text)?.[0].length ?? 1;
    rows.push(row);
    row = [];
  }
  if (row.length > 0) rows.push(row);
  return rows;
}
