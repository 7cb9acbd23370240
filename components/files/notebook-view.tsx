"use client";
// A notebook to read: what was typed and what came out of it. Nothing of it runs.
import { useTranslations } from "next-intl";
import { useMemo } from "react";
import type { ViewProps } from "@/components/files/file-view";
import { MarkdownView } from "@/components/files/markdown-view";
import { type Cell, type Output, readNotebook } from "@/components/files/notebook";
import { SandboxedFrame } from "@/components/files/sandboxed-frame";
import { useContent } from "@/components/files/use-content";
import { Failed } from "@/components/frame/failed";
import { Notice } from "@/components/ui/notice";
import { Skeleton } from "@/components/ui/skeleton";

const mostBytes = 30 * 1024 * 1024;

export default function NotebookView(view: ViewProps) {
  const t = useTranslations("files.view");
  const found = useContent(view, mostBytes);
  const cells = useMemo(() => (found.data ? readNotebook(new TextDecoder().decode(found.data)) : null), [found.data]);
  if (found.isPending) return <Skeleton className="m-4 h-64" />;
  if (found.isLoadingError) return <Failed error={found.error} retry={found.refetch} />;
  if (!cells) return <Notice tone="wait">{t("badNotebook")}</Notice>;
  return (
    <ol className="grid min-w-0 gap-4 p-4">
      {cells.map((cell, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: cells of a file never move.
        <li key={at} className="grid min-w-0 gap-2">
          <CellView cell={cell} />
        </li>
      ))}
    </ol>
  );
}

function Text({ look, text }: { look: string; text: string }) {
  return (
    <pre
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1).
      tabIndex={0}
      className={`overflow-x-auto rounded-md px-3 py-2 font-mono text-sm whitespace-pre ${look}`}
    >
      {text}
    </pre>
  );
}

function CellView({ cell }: { cell: Cell }) {
  const t = useTranslations("files.view");
  if (cell.kind === "markdown") return <MarkdownView source={cell.source} />;
  if (cell.kind === "text") return <p className="whitespace-pre-wrap">{cell.source}</p>;
  return (
    <>
      <p className="text-xs text-ink3">{t("in", { count: cell.count ?? " " })}</p>
      <Text look="bg-sunk" text={cell.source} />
      {cell.outputs.map((output, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: outputs of a file never move.
        <OutputView key={at} output={output} />
      ))}
    </>
  );
}

function OutputView({ output }: { output: Output }) {
  const t = useTranslations("files.view");
  switch (output.kind) {
    case "text":
      return <Text look={output.isError ? "bg-bad-soft" : "border border-line"} text={output.text} />;
    case "image":
      // biome-ignore lint/performance/noImgElement: it is part of the notebook.
      return <img src={output.source} alt={t("out")} className="max-w-full bg-white" />;
    case "html":
      return (
        <SandboxedFrame
          title={t("out")}
          html={output.html}
          className="h-72 w-full resize-y rounded-md border border-line bg-white"
        />
      );
    case "other":
      return <p className="text-sm text-ink3">{t("noOutput")}</p>;
  }
}
