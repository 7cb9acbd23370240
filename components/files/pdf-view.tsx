"use client";
// A PDF in the browser's own viewer, from bytes that are called a PDF whatever they are: nothing else may come of them.
import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import { contentHref } from "@/components/files/downloads";
import type { ViewProps } from "@/components/files/file-view";
import { useContent } from "@/components/files/use-content";
import { Failed } from "@/components/frame/failed";
import { buttonClass } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";

const mostBytes = 100 * 1024 * 1024;

export function PdfView(view: ViewProps) {
  const t = useTranslations("files.view");
  const found = useContent(view, mostBytes);
  const [address, setAddress] = useState<string | null>(null);
  useEffect(() => {
    if (!found.data) return;
    const made = URL.createObjectURL(new Blob([found.data], { type: "application/pdf" }));
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [found.data]);
  if (found.isLoadingError) return <Failed error={found.error} retry={found.refetch} />;
  if (!navigator.pdfViewerEnabled) {
    return (
      <p className="flex flex-wrap items-center gap-3 p-5 text-ink2">
        {t("noPdf")}
        <a href={contentHref(view.cluster, view.path)} download className={buttonClass({ look: "primary" })}>
          {t("download")}
        </a>
      </p>
    );
  }
  if (!address) return <Skeleton className="m-4 h-64" />;
  return <iframe title={view.name} src={address} className="h-[calc(100dvh-13rem)] min-h-64 w-full" />;
}
