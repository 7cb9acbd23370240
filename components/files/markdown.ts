// The common part of Markdown, as a tree that is drawn with elements of our own: what is HTML in it stays text.
// https://spec.commonmark.org/0.31.2/ says what is meant; tables, references and nested quotes of lists are not taken apart.

export type Inline =
  | { kind: "text"; text: string }
  | { kind: "code"; text: string }
  | { kind: "strong"; content: Inline[] }
  | { kind: "emphasis"; content: Inline[] }
  | { kind: "link"; href: string; content: Inline[] };
export type Block =
  | { kind: "heading"; level: number; content: Inline[] }
  | { kind: "paragraph"; content: Inline[] }
  | { kind: "code"; text: string }
  | { kind: "list"; ordered: boolean; start: number; items: Block[][] }
  | { kind: "quote"; content: Block[] }
  | { kind: "rule" };

/** What is within what: deeper than anybody writes, and a file cannot ask for more of the stack. */
const MOST_DEEP = 8;
/** A longer line is shown as it is: looking for marks in it could take long. */
const LONGEST_LINE = 10_000;

/** Only addresses that a click may go to: a page elsewhere. */
function safeHref(address: string): string | null {
  const url = URL.canParse(address) ? new URL(address) : null;
  return url && ["http:", "https:"].includes(url.protocol) ? url.href : null;
}

// No mark is longer than 300 characters: where many begin and none ends, each would be looked for to the end of the text.
// Code first, which nothing is looked for in; then what stands for itself, links (an image is its words), bold, italic, addresses.
const MARKS =
  /(`+)(?!`)(.{1,300}?)(?<!`)\1(?!`)|\\([!-/:-@[-`{-~])|!?\[([^[\]]{0,300})\]\(\s*<?([^\s()<>]*(?:\([^\s()<>]*\)[^\s()<>]*)*)>?(?:\s+(?:"[^"]*"|'[^']*'))?\s*\)|(\*\*|__)(?=\S)(.{1,300}?)(?<=\S)\6(?!\*)|(?<![\w*])\*(?=[^\s*])([^*]{1,300}?)(?<=\S)\*|(?<!\w)_(?=[^\s_])([^_]{1,300}?)(?<=\S)_(?!\w)|<?(https?:\/\/[^\s<>`]*[^\s<>`.,;:!?'")\]*_])>?/s;

function wordsOf(text: string, depth: number): Inline[] {
  const found: Inline[] = [];
  let rest = text;
  while (rest !== "") {
    const match = depth > MOST_DEEP || rest.length > LONGEST_LINE ? null : MARKS.exec(rest);
    if (!match) return [...found, { kind: "text", text: rest }];
    if (match.index > 0) found.push({ kind: "text", text: rest.slice(0, match.index) });
    found.push(...markOf(match, depth + 1));
    rest = rest.slice(match.index + match[0].length);
  }
  return found;
}

function markOf(match: RegExpExecArray, depth: number): Inline[] {
  const [whole, , code, escaped, label, target, , strong, starred, scored, address] = match;
  if (code !== undefined) return [{ kind: "code", text: code.replace(/^ (.*\S.*) $/s, "$1") }];
  if (escaped !== undefined) return [{ kind: "text", text: escaped }];
  if (strong !== undefined) return [{ kind: "strong", content: wordsOf(strong, depth) }];
  const emphasis = starred ?? scored;
  if (emphasis !== undefined) return [{ kind: "emphasis", content: wordsOf(emphasis, depth) }];
  const href = safeHref(target ?? address ?? "");
  const content: Inline[] =
    label === undefined ? [{ kind: "text", text: address ?? whole }] : wordsOf(label, MOST_DEEP + 1);
  // Where it would not lead to a page, its words are all that is shown.
  return href ? [{ kind: "link", href, content }] : content;
}

const HEADING = /^ {0,3}(#{1,6})(?:\s+(.*?))?(?:\s+#+)?\s*$/;
const FENCE = /^ {0,3}(`{3,}|~{3,})([^`]*)$/;
const RULE = /^ {0,3}([-*_])\s*(?:\1\s*){2,}$/;
const ITEM = /^( {0,3})([-*+]|(\d{1,9})[.)])(\s+)(\S.*)$/;
const QUOTE = /^ {0,3}> ?/;

const isBlank = (line: string | undefined): boolean => line === undefined || line.trim() === "";
const beginsOther = (line: string): boolean => [HEADING, FENCE, RULE, ITEM, QUOTE].some((begin) => begin.test(line));

/** Lines that are read from the front; each reader takes those that are its own. */
type Lines = { all: string[]; at: number };
const peek = ({ all, at }: Lines, further = 0): string | undefined => all[at + further];
const take = (lines: Lines): string | undefined => {
  lines.at += 1;
  return lines.all[lines.at - 1];
};

function takeFence(lines: Lines, mark: string): Block {
  take(lines);
  const text: string[] = [];
  const end = new RegExp(`^ {0,3}${mark[0]}{${mark.length},}\\s*$`);
  for (let line = take(lines); line !== undefined && !end.test(line); line = take(lines)) text.push(line);
  return { kind: "code", text: text.join("\n") };
}

function takeQuote(lines: Lines, depth: number): Block {
  const inner: string[] = [];
  for (let line = peek(lines); line !== undefined && QUOTE.test(line); line = peek(lines)) {
    inner.push(line.replace(QUOTE, ""));
    take(lines);
  }
  return { kind: "quote", content: blocksOf(inner, depth + 1) };
}

function takeItem(lines: Lines, [, before = "", mark = "", , gap = "", first = ""]: RegExpExecArray): string[] {
  take(lines);
  const indent = before.length + mark.length + Math.min(gap.length, 4);
  const inner = [first];
  for (let line = peek(lines); line !== undefined; line = peek(lines)) {
    const isDeeper = line.length - line.trimStart().length >= Math.min(indent, 2) && !isBlank(line);
    const goesOn = isBlank(line)
      ? /^ {2,}\S/.test(peek(lines, 1) ?? "")
      : isDeeper || (!isBlank(inner.at(-1)) && !beginsOther(line));
    if (!goesOn) break;
    inner.push(line.replace(new RegExp(`^ {0,${indent}}`), ""));
    take(lines);
  }
  return inner;
}

function takeList(lines: Lines, { 3: number }: RegExpExecArray, depth: number): Block {
  const ordered = number !== undefined;
  const items: Block[][] = [];
  for (;;) {
    const item = ITEM.exec(peek(lines) ?? "");
    if (!item || (item[3] !== undefined) !== ordered || RULE.test(peek(lines) ?? "")) break;
    items.push(blocksOf(takeItem(lines, item), depth + 1));
    // A blank line between two items does not end the list.
    if (isBlank(peek(lines)) && ITEM.test(peek(lines, 1) ?? "")) take(lines);
  }
  return { kind: "list", ordered, start: Number(number ?? 1), items };
}

function takeParagraph(lines: Lines): Block {
  const text = [take(lines) ?? ""];
  for (let line = peek(lines); line !== undefined && !isBlank(line); line = peek(lines)) {
    const underline = /^ {0,3}(=+|-+)\s*$/.exec(line)?.[1];
    if (!underline && beginsOther(line)) break;
    take(lines);
    if (underline)
      return { kind: "heading", level: underline[0] === "=" ? 1 : 2, content: wordsOf(text.join("\n").trim(), 0) };
    text.push(line);
  }
  return {
    kind: "paragraph",
    content: wordsOf(
      text
        .map((line) => line.trimStart())
        .join("\n")
        .trimEnd(),
      0,
    ),
  };
}

function takeBlock(lines: Lines, depth: number): Block {
  const line = peek(lines) ?? "";
  const fence = FENCE.exec(line)?.[1];
  if (fence) return takeFence(lines, fence);
  const heading = HEADING.exec(line);
  const isRule = RULE.test(line);
  if (heading || isRule) take(lines);
  if (heading) return { kind: "heading", level: heading[1]?.length ?? 1, content: wordsOf(heading[2] ?? "", 0) };
  if (isRule) return { kind: "rule" };
  const item = ITEM.exec(line);
  if (depth < MOST_DEEP && item) return takeList(lines, item, depth);
  if (depth < MOST_DEEP && QUOTE.test(line)) return takeQuote(lines, depth);
  return takeParagraph(lines);
}

function blocksOf(all: string[], depth: number): Block[] {
  const lines: Lines = { all, at: 0 };
  const found: Block[] = [];
  while (peek(lines) !== undefined) {
    if (isBlank(peek(lines))) take(lines);
    else found.push(takeBlock(lines, depth));
  }
  return found;
}

export const readMarkdown = (text: string): Block[] => blocksOf(text.replaceAll("\t", "    ").split(/\r\n?|\n/), 0);
