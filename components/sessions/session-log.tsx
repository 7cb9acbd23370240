"use client";
// The end of the log. It follows while one reads the end; scrolling up pauses it, the button goes on.
import { useQuery } from "@tanstack/react-query";
import { ArrowDownToLine, Download, Pause, Play, ScrollText } from "lucide-react";
import { useTranslations } from "next-intl";
import { useLayoutEffect, useRef, useState } from "react";
import { Failed } from "@/components/frame/failed";
import { asShown } from "@/components/sessions/log-text";
import { sessionLog } from "@/components/sessions/queries";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { CopyButton } from "@/components/ui/copy-button";
import { Skeleton } from "@/components/ui/skeleton";
import { can, isLive } from "@/lib/sessions/rules";
import type { SessionView } from "@/lib/sessions/schema";

/** How near the end, in pixels, still counts as reading the end. */
const nearEnd = 24;

export function SessionLogCard({ session }: { session: SessionView }) {
  const t = useTranslations("sessions");
  const [following, setFollowing] = useState(true);
  const log = useQuery(sessionLog(session, following));
  const text = asShown(log.data?.text ?? "");
  // The file may be complete a moment before the session is known to have ended.
  const live = isLive(session) && !log.data?.final;
  const { reason } = can(session, "follow-log");
  const note = live ? (following ? t("log.following") : t("log.paused")) : t("log.final");
  return (
    <Card
      title={t("log.title")}
      note={text ? note : null}
      actions={
        text ? (
          <>
            {live ? (
              <Button look="quiet" size="sm" onClick={() => setFollowing(!following)}>
                {following ? <Pause aria-hidden /> : <Play aria-hidden />}
                <span className="max-sm:sr-only">{following ? t("log.pause") : t("log.follow")}</span>
              </Button>
            ) : null}
            <CopyButton text={text} label={t("copy")} done={t("copied")} />
            <Button look="quiet" size="sm" onClick={() => download(text, `${session.id}.log`)}>
              <Download aria-hidden />
              <span className="max-sm:sr-only">{t("log.download")}</span>
            </Button>
          </>
        ) : null
      }
    >
      {log.data?.truncated ? (
        <p className="mb-2 text-sm text-ink3">{t("log.truncated", { lines: text.split("\n").length })}</p>
      ) : null}
      {log.isError ? <Failed error={log.error} retry={log.refetch} /> : null}
      {text ? (
        <LogText text={text} live={live} following={following} onFollow={setFollowing} label={t("log.title")} />
      ) : log.isLoading ? (
        // It is read on the cluster, which takes a moment: "nothing" would not be true yet.
        <Skeleton className="h-32" />
      ) : log.isError ? null : (
        <p className="flex items-center gap-2.5 rounded-md bg-sunk px-4 py-6 text-ink2">
          <ScrollText aria-hidden className="size-4.5 shrink-0 text-ink3" />
          {reason ?? (live ? t("log.nothingYet") : t("log.nothing"))}
        </p>
      )}
    </Card>
  );
}

type TextProps = {
  text: string;
  live: boolean;
  following: boolean;
  onFollow: (following: boolean) => void;
  label: string;
};

function LogText({ text, live, following, onFollow, label }: TextProps) {
  const t = useTranslations("sessions");
  const box = useRef<HTMLPreElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: new text is what moves the view.
  useLayoutEffect(() => {
    if (following && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [text, following]);
  // Reading further up is a wish to stay there; coming back to the end does not start it again by itself.
  const onScroll = () => {
    const element = box.current;
    if (!element) return;
    const atEnd = element.scrollHeight - element.scrollTop - element.clientHeight < nearEnd;
    if (live && following && !atEnd) onFollow(false);
  };
  return (
    <div className="relative">
      <pre
        ref={box}
        onScroll={onScroll}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
        tabIndex={0}
        role="log"
        // A log that is read out line by line drowns everything else.
        aria-live="off"
        aria-label={label}
        className="max-h-[min(30rem,60dvh)] min-h-32 max-sm:max-h-72 overflow-auto whitespace-pre-wrap rounded-md bg-sunk px-4 py-3 font-mono text-[0.75rem] leading-[1.65] text-ink2"
      >
        {text}
      </pre>
      {following || !live ? null : (
        <Button size="sm" className="absolute right-4 bottom-3 max-sm:hidden" onClick={() => onFollow(true)}>
          <ArrowDownToLine aria-hidden />
          {t("log.end")}
        </Button>
      )}
    </div>
  );
}

function download(text: string, name: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  Object.assign(document.createElement("a"), { href: url, download: name }).click();
  // Some browsers read it only after the click has returned.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
