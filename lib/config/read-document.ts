// A YAML text held to a schema: the value, or every mistake with the line it is on. Lines are those of keys, so that a
// mistake in a long value, or a key that no schema knows, is found where it was written.
import { Alias, type Document, isMap, isNode, isPair, isScalar, isSeq, LineCounter, parseDocument, visit } from "yaml";
import type { z } from "zod";

export type Mistake = { line: number; words: string };
type Issue = z.core.$ZodIssue;
type Place = { document: Document.Parsed; counter: LineCounter };

const hasKey = (key: unknown, name: PropertyKey): boolean => isScalar(key) && String(key.value) === String(name);

/** Where the entry `name` of `parent` is written: its key in a map, itself in a list. */
function entryOf(parent: unknown, name: PropertyKey): { at: unknown; value: unknown } | null {
  const value = isSeq(parent) ? parent.items[Number(name)] : undefined;
  if (value) return { at: value, value };
  const pair = isMap(parent) ? parent.items.find(({ key }) => hasKey(key, name)) : undefined;
  return pair ? { at: pair.key, value: pair.value } : null;
}

/** The line of `path`, or of as much of it as there is: what is missing is missing from there. */
function find({ document, counter }: Place, path: PropertyKey[]): { line: number; isThere: boolean } {
  let line = 1;
  let parent: unknown = document.contents;
  for (const name of path) {
    const entry = entryOf(parent, name);
    if (!entry) return { line, isThere: false };
    if (isNode(entry.at) && entry.at.range) line = counter.linePos(entry.at.range[0]).line;
    parent = entry.value instanceof Alias ? entry.value.resolve(document) : entry.value;
  }
  return { line, isThere: true };
}

function mistakesOf(issue: Issue, place: Place): Mistake[] {
  const { path } = issue;
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => {
      const { line } = find(place, [...path, key]);
      return { line, words: `${[...path, key].join(".")}: There is no such key.` };
    });
  }
  const { line, isThere } = find(place, path);
  return [{ line, words: `${path.join(".") || "the file"}: ${isThere ? issue.message : "It is missing."}` }];
}

/** An unquoted `*.apps.example.org` is to YAML a reference to something called `.apps.example.org`. */
function unquoted({ document, counter }: Place, text: string): Mistake[] {
  const found: Mistake[] = [];
  visit(document, {
    Alias: (_index, alias, ancestors) => {
      if (!(alias instanceof Alias) || alias.resolve(document) || !alias.range) return;
      const path = [...ancestors, alias].flatMap((node, depth, all): PropertyKey[] => {
        if (isPair(node) && isScalar(node.key)) return [String(node.key.value)];
        return isSeq(node) ? [node.items.indexOf(all[depth + 1])] : [];
      });
      const [from, to] = alias.range;
      const words = `${path.join(".")}: put quotes around ${text.slice(from, to)}`;
      found.push({ line: counter.linePos(from).line, words });
    },
  });
  return found;
}

/** The value that `text` holds, as `schema` makes of it, or at least one mistake, in the order of lines. Never throws for what is written there. */
export function readDocument<Value>(
  text: string,
  schema: z.ZodType<Value>,
): { value: Value; mistakes: [] } | { value: null; mistakes: Mistake[] } {
  const counter = new LineCounter();
  // Keys are names: an account's number would be rounded, and its leading zeros lost.
  const document = parseDocument(text, { lineCounter: counter, stringKeys: true });
  const place = { document, counter };
  const broken = document.errors.map(({ pos, message }) => ({
    line: counter.linePos(pos[0]).line,
    words: message.split("\n")[0] ?? "",
  }));
  const mistakes = broken.length > 0 ? broken : unquoted(place, text);
  if (mistakes.length > 0) return { value: null, mistakes };
  let value: unknown;
  try {
    value = document.toJS();
  } catch (error) {
    // References that lead to references without end.
    return { value: null, mistakes: [{ line: 1, words: `the file: ${String(error)}` }] };
  }
  const result = schema.safeParse(value);
  if (result.success) return { value: result.data, mistakes: [] };
  const found = result.error.issues.flatMap((issue) => mistakesOf(issue, place));
  return { value: null, mistakes: found.toSorted((one, other) => one.line - other.line) };
}
