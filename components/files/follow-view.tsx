"use client";
// The end of a growing file. Only what is new is asked for; it follows while one reads the end.
import { useTranslations } from "next-intl";
import { useLayoutEffect, useRef, useState } from "react";
import type { ViewProps } from "@/components/files/file-view";
import { useFollow } from "@/components/files/use-follow";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";

/** How near the end, in pixels, still counts as reading the end. */
const nearEnd = 24;

export default function FollowView(view: ViewProps) {
  const t = useTranslations("files.view");
  const [isFollowing, setFollowing] = useState(true);
  const { text, isCut, isRestarted, error } = useFollow(view, isFollowing);
  const box = useRef<HTMLPreElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: new text is what moves the view.
  useLayoutEffect(() => {
    if (isFollowing && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [text, isFollowing]);
  const onScroll = () => {
    const element = box.current;
    if (element && element.scrollHeight - element.scrollTop - element.clientHeight > nearEnd) setFollowing(false);
  };
  return (
    <>
      <div className="flex flex-wrap items-center gap-3 border-line border-b px-4 py-1.5 text-sm text-ink3">
        <span role="status">{isRestarted ? t("restarted") : t(isFollowing ? "following" : "paused")}</span>
        {isCut ? <span>{t("beginning")}</span> : null}
        <Button size="sm" look="quiet" className="ml-auto" onClick={() => setFollowing(!isFollowing)}>
          {t(isFollowing ? "stop" : "follow")}
        </Button>
      </div>
      {error ? <Notice tone="wait">{error.message}</Notice> : null}
      <pre
        ref={box}
        role="log"
        // Read when somebody wants to: all of it is new every two seconds.
        aria-live="off"
        onScroll={onScroll}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1).
        tabIndex={0}
        aria-label={t("text", { name: view.name })}
        className="h-[calc(100dvh-16rem)] min-h-64 overflow-auto whitespace-pre-wrap break-all bg-sunk px-4 py-3 font-mono text-sm"
      >
        {text}
      </pre>
    </>
  );
}
