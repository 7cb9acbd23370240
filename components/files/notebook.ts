// A Jupyter notebook as what is shown of it. https://nbformat.readthedocs.io/en/latest/format_description.html
// What is in the file is anybody's: each field is looked at before it is believed.

export type Output =
  | { kind: "text"; text: string; isError: boolean }
  | { kind: "image"; source: string }
  | { kind: "html"; html: string }
  | { kind: "other" };
export type Cell = { kind: "code" | "markdown" | "text"; source: string; count: number | null; outputs: Output[] };

type Fields = Record<string, unknown>;
const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null;
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** The format writes text as one string or as a list of lines. */
const textOf = (value: unknown): string =>
  typeof value === "string"
    ? value
    : listOf(value)
        .filter((line) => typeof line === "string")
        .join("");

// biome-ignore lint/suspicious/noControlCharactersInRegex: taking colours out is the purpose.
const plain = (text: string): string => text.replace(/\u001b\[[0-9;]*m/g, "");

/** What came out, of format 3, under the names of format 4. */
const modern = ({ png, jpeg, svg, html, text }: Fields): Fields => ({
  ...{ "image/png": png, "image/jpeg": jpeg, "image/svg+xml": svg, "text/html": html, "text/plain": text },
});

function outputOf(output: unknown): Output {
  if (!isFields(output)) return { kind: "other" };
  if (output.output_type === "stream") return { kind: "text", text: plain(textOf(output.text)), isError: false };
  if (output.output_type === "error" || output.output_type === "pyerr")
    return { kind: "text", text: plain(textOf(listOf(output.traceback).map((line) => `${line}\n`))), isError: true };
  // Format 3 has what came out beside its kind, under shorter names.
  const data = isFields(output.data) ? output.data : modern(output);
  for (const type of ["image/png", "image/jpeg"]) {
    const source = textOf(data[type]).replace(/\s/g, "");
    if (/^[A-Za-z0-9+/]+=*$/.test(source)) return { kind: "image", source: `data:${type};base64,${source}` };
  }
  const drawing = textOf(data["image/svg+xml"]);
  // As an image, in which no script runs and from which nothing is loaded.
  if (drawing) return { kind: "image", source: `data:image/svg+xml,${encodeURIComponent(drawing.toWellFormed())}` };
  if (data["text/html"] !== undefined) return { kind: "html", html: textOf(data["text/html"]) };
  const text = textOf(data["text/plain"]);
  return text ? { kind: "text", text: plain(text), isError: false } : { kind: "other" };
}

function cellOf(cell: unknown): Cell[] {
  if (!isFields(cell)) return [];
  // Format 3 calls the number and the source of code otherwise, and has headings of their own.
  const number = cell.execution_count ?? cell.prompt_number;
  const count = typeof number === "number" ? number : null;
  const source = textOf(cell.source ?? cell.input);
  if (cell.cell_type === "heading") {
    const level = typeof cell.level === "number" ? Math.min(Math.max(Math.trunc(cell.level) || 1, 1), 6) : 1;
    return [{ kind: "markdown", source: `${"#".repeat(level)} ${source}`, count, outputs: [] }];
  }
  const kind = cell.cell_type === "code" || cell.cell_type === "markdown" ? cell.cell_type : "text";
  return [{ kind, source, count, outputs: listOf(cell.outputs).map(outputOf) }];
}

/** Null when it is no notebook. */
export function readNotebook(text: string): Cell[] | null {
  try {
    const file: unknown = JSON.parse(text);
    if (!isFields(file)) return null;
    if (Array.isArray(file.cells)) return file.cells.flatMap(cellOf);
    // Format 3 has sheets of cells.
    const sheets = listOf(file.worksheets).filter(isFields);
    return sheets.length > 0 ? sheets.flatMap(({ cells }) => listOf(cells).flatMap(cellOf)) : null;
  } catch {
    return null;
  }
}
