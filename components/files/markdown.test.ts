import { expect, it } from "vitest";
import { type Block, type Inline, readMarkdown } from "@/components/files/markdown";

/** As short text, so that a table can say it: kinds in brackets. */
const shortWords = (content: Inline[]): string =>
  content
    .map((part) => {
      if (part.kind === "text") return part.text;
      if (part.kind === "code") return `{code ${part.text}}`;
      return `{${part.kind}${part.kind === "link" ? ` ${part.href}` : ""} ${shortWords(part.content)}}`;
    })
    .join("");
const short = (blocks: Block[]): string =>
  blocks
    .map((block) => {
      if (block.kind === "heading") return `[h${block.level} ${shortWords(block.content)}]`;
      if (block.kind === "paragraph") return `[p ${shortWords(block.content)}]`;
      if (block.kind === "code") return `[code ${block.text}]`;
      if (block.kind === "quote") return `[quote ${short(block.content)}]`;
      if (block.kind === "rule") return "[rule]";
      return `[${block.ordered ? `ol ${block.start}` : "ul"} ${block.items.map((item) => `(${short(item)})`).join("")}]`;
    })
    .join("");

it.each([
  ["# One\n## Two ##\ntext", "[h1 One][h2 Two][p text]"],
  ["One\n===\nTwo\n---\n", "[h1 One][h2 Two]"],
  ["a\nb\n\nc", "[p a\nb][p c]"],
  ["- a\n- b\n  - c\n  - d\n- e", "[ul ([p a])([p b][ul ([p c])([p d])])([p e])]"],
  ["3. a\n\n4. b\n\nc", "[ol 3 ([p a])([p b])][p c]"],
  ["1. a\n   more\nlazy\n\n   second\n* other", "[ol 1 ([p a\nmore\nlazy][p second])][ul ([p other])]"],
  ["```py\nx = '*'\n\n# no\n```\nafter", "[code x = '*'\n\n# no][p after]"],
  ["~~~\nnever ends", "[code never ends]"],
  ["> a\n> - b\n\n---", "[quote [p a][ul ([p b])]][rule]"],
  [
    "*a* _b_ **c *d*** `*e*` 2*3*4 snake_case_name",
    "[p {emphasis a} {emphasis b} {strong c {emphasis d}} {code *e*} 2*3*4 snake_case_name]",
  ],
  ["``a ` b`` \\*no\\*", "[p {code a ` b} *no*]"],
  [
    '[**x** y](https://e.org/a_(b) "t") <http://e.org/> https://e.org/x.',
    "[p {link https://e.org/a_(b) **x** y} {link http://e.org/ http://e.org/} {link https://e.org/x https://e.org/x}.]",
  ],
  ["![plot](https://e.org/p.png)", "[p {link https://e.org/p.png plot}]"],
])("%j", (text, expected) => {
  expect(short(readMarkdown(text))).toBe(expected);
});

it.each([
  "javascript:alert(1)",
  "JaVaScRiPt:alert(1)",
  "data:text/html,x",
  "vbscript:x",
  "//e.org",
  "/files",
  "file:///etc/passwd",
  "",
])("a link to %j is its words", (target) => {
  expect(JSON.stringify(readMarkdown(`[words](${target}) and [words](<${target}>)`))).not.toContain("link");
});

it("HTML stays text", () => {
  const html = '<script>alert(1)</script>\n<img src=x onerror="alert(1)">';
  expect(readMarkdown(html)).toEqual([{ kind: "paragraph", content: [{ kind: "text", text: html }] }]);
});

it("what was made to be slow or deep is read at once", () => {
  // Of the processor, which a busy machine gives late.
  const before = process.cpuUsage();
  for (const text of [
    "*".repeat(9_900),
    "*".repeat(50_000),
    "**a".repeat(3_300),
    // Thirty paragraphs of what begins and never ends.
    `${"**a ".repeat(2_400)}\n\n`.repeat(30),
    `${"__a ".repeat(2_400)}\n\n`.repeat(30),
    "[".repeat(9_900),
    "> ".repeat(20_000),
    "`a".repeat(3_000),
    `${"- ".repeat(4_900)}x`,
    "[a](".repeat(2_400),
    "_a ".repeat(3_300),
  ])
    readMarkdown(text);
  expect(process.cpuUsage(before).user / 1e6).toBeLessThan(8);
});
