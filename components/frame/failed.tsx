"use client";
// A part of a page that could not be loaded: why, the other side's own words, and another try.
import { RefreshCw } from "lucide-react";
import { useTranslations } from "next-intl";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";

export function Failed({ error, retry }: { error: Error; retry: () => unknown }) {
  const t = useTranslations("frame");
  const words = "words" in error && typeof error.words === "string" ? error.words : null;
  return (
    <div role="alert" className="p-4">
      <Notice
        tone="bad"
        title={t("failed")}
        action={
          <Button size="sm" onClick={() => retry()}>
            <RefreshCw aria-hidden />
            {t("retry")}
          </Button>
        }
      >
        {error.message}
        {words ? <code className="mt-1 block font-mono text-sm text-ink2">{words}</code> : null}
      </Notice>
    </div>
  );
}
