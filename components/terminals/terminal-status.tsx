"use client";
// What the connection is at, in words; a lost one says that nothing is lost with it.
import { CircleCheck, CircleX, LoaderCircle, WifiOff } from "lucide-react";
import { useTranslations } from "next-intl";
import type { LinkStatus } from "@/components/terminals/link";
import { OpenTerminalButton } from "@/components/terminals/open-terminal-button";
import { Button } from "@/components/ui/button";
import type { NewTerminal, TerminalView } from "@/lib/terminals/schema";

const anotherLike = ({ cluster, sessionId, name }: TerminalView): NewTerminal => ({
  cluster,
  name,
  ...(sessionId ? { sessionId } : {}),
});

const isWorthAnotherTry = (status: LinkStatus): boolean =>
  status.kind === "refused" && (status.reason === "failed" || status.reason === "too-many");

/** What is waited for, and what becomes of what is typed meanwhile. */
const waitingWords = (
  t: (name: "status.waiting" | "status.again" | "status.offline") => string,
  detail: string | null,
) => `${detail === null ? t("status.waiting") : `${detail} ${t("status.again")}`} ${t("status.offline")}`;

type Props = { status: LinkStatus; terminal: TerminalView; onRetry: () => void };

export function TerminalStatus({ status, terminal, onRetry }: Props) {
  const t = useTranslations("terminals");
  return (
    <div role="status" className="flex min-w-0 items-center gap-2 px-1 text-sm">
      <Mark status={status} />
      <span className="min-w-0">
        {status.kind === "refused" ? `${t(`refused.${status.reason}`)} ${status.detail}` : null}
        {status.kind === "ended" ? status.detail : null}
        {status.kind === "open" || status.kind === "connecting" ? t(`status.${status.kind}`) : null}
        {status.kind === "waiting" ? waitingWords(t, status.detail) : null}
      </span>
      {status.kind === "waiting" || isWorthAnotherTry(status) ? (
        <Button size="sm" onClick={onRetry}>
          {t(status.kind === "waiting" ? "retry" : "tryAgain")}
        </Button>
      ) : null}
      {status.kind === "ended" ? (
        <OpenTerminalButton size="sm" wish={anotherLike(terminal)} label={t("again")} />
      ) : null}
    </div>
  );
}

function Mark({ status }: { status: LinkStatus }) {
  switch (status.kind) {
    case "open":
      return <CircleCheck aria-hidden className="size-4 shrink-0 text-ok" />;
    case "connecting":
      return <LoaderCircle aria-hidden className="size-4 shrink-0 text-ink3" />;
    case "waiting":
      return <WifiOff aria-hidden className="size-4 shrink-0 text-wait" />;
    case "ended":
    case "refused":
      return <CircleX aria-hidden className="size-4 shrink-0 text-bad" />;
  }
}
