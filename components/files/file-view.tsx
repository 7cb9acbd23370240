"use client";
// One file, shown in place of its folder's list: by its kind, or why it cannot be.
import { ArrowLeft, Download } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { type ReactNode, useState } from "react";
import { contentHref } from "@/components/files/downloads";
import { useKept } from "@/components/files/folder-state";
import { ImageView } from "@/components/files/image-view";
import { PdfView } from "@/components/files/pdf-view";
import { TextView } from "@/components/files/text-view";
import { viewKindOf, type Way, waysOf } from "@/components/files/view-kind";
import { buttonClass } from "@/components/ui/button";
import { Segments } from "@/components/ui/choice";
import { late } from "@/components/ui/late";
import { leave } from "@/components/ui/leaving";
import { Skeleton } from "@/components/ui/skeleton";
import { displayPath, joinPath } from "@/lib/files/rules";
import { paths } from "@/lib/paths";

const meanwhile = <Skeleton className="m-4 h-64" />;
const TableView = late({ load: () => import("@/components/files/table-view"), meanwhile });
const NotebookView = late({ load: () => import("@/components/files/notebook-view"), meanwhile });
const SandboxedView = late({ load: () => import("@/components/files/sandboxed-view"), meanwhile });
const FollowView = late({ load: () => import("@/components/files/follow-view"), meanwhile });

export type ViewProps = { cluster: string; path: string; name: string };

type Props = { cluster: string; folder: string; file: string };
export function FileView({ cluster, folder, file }: Props) {
  const t = useTranslations("files.view");
  const kept = useKept();
  const name = displayPath(file);
  const [first = "source", ...others] = waysOf(name);
  const [way, setWay] = useState<Way>(first);
  // The end of a table that is too long for one is looked at, too.
  const ways = [...new Set([first, ...others, way])];
  const view = { cluster, path: joinPath(folder, file), name };
  const words = { source: t("source"), table: t("table"), rendered: t("rendered"), follow: t("follow") };
  const tools = (
    <>
      {ways.length > 1 ? (
        <Segments
          label={t("as")}
          name="way"
          value={way}
          onChange={(value) => leave(() => setWay(ways.find((one) => one === value) ?? first))}
          options={ways.map((one) => ({ value: one, label: words[one] }))}
        />
      ) : null}
      <a href={contentHref(cluster, view.path)} download className={buttonClass({ look: "quiet" })}>
        <Download aria-hidden />
        <span className="max-sm:sr-only">{t("download")}</span>
      </a>
    </>
  );
  return (
    <section aria-label={name} className="card flex min-h-80 flex-col overflow-clip">
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1 border-line border-b p-2 sm:px-3">
        <Link href={kept(paths.folder(cluster, folder))} prefetch={false} className={buttonClass({ look: "quiet" })}>
          <ArrowLeft aria-hidden />
          <span className="max-sm:sr-only">{t("back")}</span>
        </Link>
        <div className="ml-auto flex flex-wrap items-center gap-1.5">{tools}</div>
      </div>
      {shown(view, way, () => setWay("follow"))}
    </section>
  );
}

function shown(view: ViewProps, way: Way, onFollow: () => void): ReactNode {
  const kind = viewKindOf(view.name);
  if (way === "follow") return <FollowView key={view.path} {...view} />;
  if (way === "table") return <TableView {...view} />;
  if (way === "rendered") return kind === "notebook" ? <NotebookView {...view} /> : <SandboxedView {...view} />;
  if (kind === "image") return <ImageView {...view} />;
  return kind === "pdf" ? <PdfView {...view} /> : <TextView view={view} onFollow={onFollow} />;
}
