"use client";
// What stands where a list would be: nothing there, nothing that matches, or a folder that could not be read.
import { EyeOff, FolderOpen, SearchX } from "lucide-react";
import { useTranslations } from "next-intl";
import { type Arrangement, isHidden } from "@/components/files/arrange";
import type { Listing } from "@/components/files/use-listing";
import { Failed } from "@/components/frame/failed";
import { Button, ButtonLink } from "@/components/ui/button";
import { Empty } from "@/components/ui/empty";
import { Missing } from "@/components/ui/missing";
import { SkeletonRows } from "@/components/ui/skeleton";
import type { FolderHead } from "@/lib/files/schema";
import { paths } from "@/lib/paths";

type Props = {
  head: FolderHead;
  listing: Listing;
  arrangement: Arrangement;
  onArrange: (change: Partial<Arrangement>) => void;
};

export function FolderNothing({ head, listing, arrangement: { filter }, onArrange }: Props) {
  const t = useTranslations("files");
  const { entries, isComplete } = listing;
  if (!isComplete) return <SkeletonRows rows={6} label={t("loading")} />;
  if (filter !== "") {
    return (
      <Empty
        icon={SearchX}
        title={t("noMatch.title")}
        text={t("noMatch.text", { filter })}
        action={<Button onClick={() => onArrange({ filter: "" })}>{t("noMatch.action")}</Button>}
      />
    );
  }
  const count = entries.filter(isHidden).length;
  if (count > 0) {
    return (
      <Empty
        icon={EyeOff}
        title={t("onlyHidden.title")}
        text={t("onlyHidden.text", { count })}
        action={<Button onClick={() => onArrange({ hidden: true })}>{t("onlyHidden.action")}</Button>}
      />
    );
  }
  return <Empty icon={FolderOpen} title={t("empty.title")} text={t(head.writable ? "empty.text" : "empty.readOnly")} />;
}

type UnreadProps = { cluster: string; error: Error; onRetry: () => void };

export function FolderUnread({ cluster, error, onRetry }: UnreadProps) {
  const t = useTranslations("files");
  const code = "code" in error ? error.code : null;
  if (code !== "not_found" && code !== "forbidden" && code !== "invalid") {
    return (
      <div className="card">
        <Failed error={error} retry={onRetry} />
      </div>
    );
  }
  const text = code === "not_found" ? t("failed.missingText") : error.message;
  const action = <ButtonLink href={paths.clusterFiles(cluster)}>{t("failed.toRoots")}</ButtonLink>;
  return (
    <Missing title={t(code === "not_found" ? "failed.missing" : "failed.forbidden")} text={text} action={action} />
  );
}
