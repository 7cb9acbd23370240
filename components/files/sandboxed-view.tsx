"use client";
// HTML and SVG as they are meant to look, without what they might do.
import { useTranslations } from "next-intl";
import type { ViewProps } from "@/components/files/file-view";
import { SandboxedFrame } from "@/components/files/sandboxed-frame";
import { useContent } from "@/components/files/use-content";
import { Failed } from "@/components/frame/failed";
import { Skeleton } from "@/components/ui/skeleton";

const mostBytes = 20 * 1024 * 1024;

function base64(bytes: Uint8Array): string {
  // In pieces: a call takes only so many arguments.
  const pieces = Array.from({ length: Math.ceil(bytes.length / 8192) }, (_, at) =>
    String.fromCharCode(...bytes.subarray(at * 8192, (at + 1) * 8192)),
  );
  return btoa(pieces.join(""));
}

/** An SVG is drawn as an image, in which browsers run nothing at all. */
const htmlOf = (name: string, bytes: ArrayBuffer): string =>
  name.toLowerCase().endsWith(".svg")
    ? `<style>img{max-width:100%}</style><img alt="" src="data:image/svg+xml;base64,${base64(new Uint8Array(bytes))}">`
    : new TextDecoder().decode(bytes);

export default function SandboxedView(view: ViewProps) {
  const t = useTranslations("files.view");
  const found = useContent(view, mostBytes);
  if (found.isPending) return <Skeleton className="m-4 h-64" />;
  if (found.isLoadingError) return <Failed error={found.error} retry={found.refetch} />;
  return (
    <>
      <p className="border-line border-b px-4 py-1.5 text-sm text-ink3">{t("sandboxed")}</p>
      <SandboxedFrame
        title={t("page", { name: view.name })}
        html={htmlOf(view.name, found.data)}
        className="h-[calc(100dvh-15rem)] min-h-64 w-full bg-white"
      />
    </>
  );
}
