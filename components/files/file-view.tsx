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
import { isLog, viewKindOf } from "@/components/files/view-kind";
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
type Way = "source" | "table" | "rendered" | "follow";

/** How else than as its source a file can be looked at. */
function otherWay(name: string): Way | null {
  const kind = viewKindOf(name);
  if (kind === "table") return "table";
  if (kind === "notebook" || kind === "page") return "rendered";
  return isLog(name) ? "follow" : null;
}

export function FileView({ cluster, folder, file }: Props) {
  const t = useTranslations("files.view");
  const kept = useKept();
  const name = displayPath(file);
  const other = otherWay(name);
  const [way, setWay] = useState<Way>(other ?? "source");
  const view = { cluster, path: joinPath(folder, file), name };
  const words = { source: t("source"), table: t("table"), rendered: t("rendered"), follow: t("follow") };
  const tools = (
    <>
      {other ? (
        <Segments
          label={t("as")}
          name="way"
          value={way}
          onChange={(value) => leave(() => setWay(value === "source" ? "source" : other))}
          options={[
            { value: other, label: words[other] },
            { value: "source", label: words.source },
          ]}
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
      {shown(view, way)}
    </section>
  );
}

function shown(view: ViewProps, way: Way): ReactNode {
  const kind = viewKindOf(view.name);
  if (way === "follow") return <FollowView key={view.path} {...view} />;
  if (way === "table") return <TableView {...view} />;
  if (way === "rendered") return kind === "notebook" ? <NotebookView {...view} /> : <SandboxedView {...view} />;
  if (kind === "image") return <ImageView {...view} />;
  return kind === "pdf" ? <PdfView {...view} /> : <TextView {...view} />;
}
