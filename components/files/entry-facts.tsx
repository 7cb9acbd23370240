"use client";
// What a row has no room for where the window is narrow: permissions, owner, and what a link leads to.
import clsx from "clsx";
import { useTranslations } from "next-intl";
import { modeText } from "@/components/files/mode";
import type { FileEntry } from "@/lib/files/schema";

export function EntryFacts({ entry }: { entry: FileEntry }) {
  const t = useTranslations("files");
  const { mode, owner, group, target } = entry;
  return (
    <dl className="grid gap-0.5 px-2.5 pb-2.5 text-ink2 text-sm md:pt-2 lg:hidden">
      <div className="flex flex-wrap gap-x-3">
        <dt className="sr-only">{t("column.mode")}</dt>
        <dd className="font-mono text-xs leading-5">{modeText(mode)}</dd>
        <dt className="sr-only">{t("column.owner")}</dt>
        <dd className="break-all">
          {owner}
          <span className="text-ink3">:{group}</span>
        </dd>
      </div>
      {target ? (
        <div>
          <dt className="sr-only">{t("type.link")}</dt>
          <dd dir="auto" className={clsx("break-all", target.type === null && "text-bad")}>
            {t(target.type === null ? "brokenLink" : "linkTo", { target: target.text })}
          </dd>
        </div>
      ) : null}
    </dl>
  );
}
