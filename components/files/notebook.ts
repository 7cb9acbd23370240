// A Jupyter notebook as what is shown of it. https://nbformat.readthedocs.io/en/latest/format_description.html
// What is in the file is anybody's: each field is looked at before it is believed.

export type Output =
  | { kind: "text"; text: string; isError: boolean }
  | { kind: "image"; source: string }
  | { kind: "html"; html: string }
  | { kind: "other" };
export type Cell = { kind: "code" | "text"; source: string; count: number | null; outputs: Output[] };

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

function outputOf(output: unknown): Output {
  if (!isFields(output)) return { kind: "other" };
  if (output.output_type === "stream") return { kind: "text", text: plain(textOf(output.text)), isError: false };
  if (output.output_type === "error")
    return { kind: "text", text: plain(textOf(listOf(output.traceback).map((line) => `${line}\n`))), isError: true };
  const data = isFields(output.data) ? output.data : {};
  for (const type of ["image/png", "image/jpeg"]) {
    const source = textOf(data[type]).replace(/\s/g, "");
    if (/^[A-Za-z0-9+/]+=*$/.test(source)) return { kind: "image", source: `data:${type};base64,${source}` };
  }
  if (data["text/html"] !== undefined) return { kind: "html", html: textOf(data["text/html"]) };
  const text = textOf(data["text/plain"]);
  return text ? { kind: "text", text: plain(text), isError: false } : { kind: "other" };
}

function cellOf(cell: unknown): Cell[] {
  if (!isFields(cell)) return [];
  const count = typeof cell.execution_count === "number" ? cell.execution_count : null;
  const kind = cell.cell_type === "code" ? "code" : "text";
  return [{ kind, source: textOf(cell.source), count, outputs: listOf(cell.outputs).map(outputOf) }];
}

/** Null when it is no notebook. */
export function readNotebook(text: string): Cell[] | null {
  try {
    const file: unknown = JSON.parse(text);
    return isFields(file) && Array.isArray(file.cells) ? file.cells.flatMap(cellOf) : null;
  } catch {
    return null;
  }
}
