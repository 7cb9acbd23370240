"use client";
// The last resort: what is shown when a page itself throws. Sessions do not depend on it, and it says so.
import { TriangleAlert } from "lucide-react";
import { useTranslations } from "next-intl";
import { Button } from "@/components/ui/button";
import { Empty } from "@/components/ui/empty";

/** `retry` asks the server again, where resetting would show the same answer. */
type Props = { error: Error & { digest?: string }; retry: () => void };

/** A page that threw. The digest is what the server logged the error under. */
export function Broken({ error, retry }: Props) {
  const t = useTranslations("frame.broken");
  return (
    <div className="card mx-auto w-full max-w-lg" role="alert">
      <h1 className="sr-only">{t("title")}</h1>
      <Empty
        icon={TriangleAlert}
        title={t("title")}
        text={
          <>
            {t("text")} <code className="font-mono">{error.digest ?? "–"}</code>
          </>
        }
        action={<Button onClick={retry}>{t("action")}</Button>}
      />
    </div>
  );
}
