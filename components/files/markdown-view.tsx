// Markdown of a notebook, to read. Everything is an element of ours: no HTML of the file's gets into the page.
import type { ReactNode } from "react";
import { type Block, type Inline, readMarkdown } from "@/components/files/markdown";

const keyed = <Part,>(parts: Part[], draw: (part: Part) => ReactNode): ReactNode =>
  // biome-ignore lint/suspicious/noArrayIndexKey: parts of a file never move.
  parts.map((part, at) => <PartOf key={at}>{draw(part)}</PartOf>);

const PartOf = ({ children }: { children: ReactNode }) => children;

function words(content: Inline[]): ReactNode {
  return keyed(content, (part) => {
    switch (part.kind) {
      case "text":
        return part.text;
      case "code":
        return <code className="rounded bg-sunk px-1 font-mono text-[0.9em]">{part.text}</code>;
      case "strong":
        return <strong>{words(part.content)}</strong>;
      case "emphasis":
        return <em>{words(part.content)}</em>;
      case "link":
        return (
          <a href={part.href} title={part.href} target="_blank" rel="noreferrer" className="link">
            {words(part.content)}
          </a>
        );
    }
  });
}

// The page's own heading is the first: those of a file are below it.
const headings = ["h2", "h3", "h4", "h5", "h6", "h6"] as const;
const sizes = ["text-2xl", "text-xl", "text-lg", "text-base", "text-base", "text-base"];

function Heading({ level, content }: Extract<Block, { kind: "heading" }>) {
  const Element = headings[level - 1] ?? "h6";
  return <Element className={`font-semibold ${sizes[level - 1]}`}>{words(content)}</Element>;
}

function List({ ordered, start, items }: Extract<Block, { kind: "list" }>) {
  const content = keyed(items, (item) => <li className="min-w-0 space-y-1">{blocks(item)}</li>);
  if (!ordered) return <ul className="grid list-disc gap-1 pl-6">{content}</ul>;
  return (
    <ol start={start} className="grid list-decimal gap-1 pl-6">
      {content}
    </ol>
  );
}

function blocks(found: Block[]): ReactNode {
  return keyed(found, (block) => {
    switch (block.kind) {
      case "heading":
        return <Heading {...block} />;
      case "paragraph":
        return <p className="whitespace-pre-line break-words">{words(block.content)}</p>;
      case "code":
        return (
          <pre
            // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1).
            tabIndex={0}
            className="overflow-x-auto rounded-md bg-sunk px-3 py-2 font-mono text-sm whitespace-pre"
          >
            {block.text}
          </pre>
        );
      case "list":
        return <List {...block} />;
      case "quote":
        return (
          <blockquote className="grid gap-2 border-line2 border-l-4 pl-3 text-ink2">{blocks(block.content)}</blockquote>
        );
      case "rule":
        return <hr className="border-line" />;
    }
  });
}

export function MarkdownView({ source }: { source: string }) {
  return <div className="grid min-w-0 gap-3">{blocks(readMarkdown(source))}</div>;
}
