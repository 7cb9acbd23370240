"use client";
// Below the list: how much there is, whether all of it is read, and the keys.
import { useTranslations } from "next-intl";
import { isHidden } from "@/components/files/arrange";
import type { Listing } from "@/components/files/use-listing";
import { Notice } from "@/components/ui/notice";

type Props = { listing: Listing; shown: number; hidden: boolean };

export function FolderFoot({ listing: { entries, isComplete, words, error }, shown, hidden }: Props) {
  const t = useTranslations("files");
  const count = entries.length;
  const unseen = hidden ? 0 : entries.filter(isHidden).length;
  return (
    <>
      {words || error ? (
        <div className="p-3">
          <Notice tone="wait" title={t("partial")}>
            {error?.message}
            {words ? <code className="block font-mono text-sm text-ink2">{words}</code> : null}
          </Notice>
        </div>
      ) : null}
      <footer className="flex flex-wrap gap-x-4 gap-y-1 px-4 py-2.5 text-sm text-ink3">
        <span role="status">
          {isComplete
            ? shown + unseen < count
              ? t("shownOf", { shown, count })
              : t("count", { count })
            : t("counting", { count })}
          {unseen > 0 ? ` · ${t("hiddenCount", { count: unseen })}` : null}
        </span>
        <span className="ml-auto max-md:hidden">{t("keys")}</span>
      </footer>
    </>
  );
}
