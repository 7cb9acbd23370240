"use client";
// The tab's title as part of a page: people with many tabs see there what a session is at.
import { useEffect } from "react";

/** Keeps the tab's title at `title`, also when Next writes the page's own a moment later. */
export function useTitle(title: string): void {
  useEffect(() => {
    const write = () => {
      if (document.title !== title) document.title = title;
    };
    write();
    const observer = new MutationObserver(write);
    observer.observe(document.head, { childList: true, subtree: true, characterData: true });
    return () => observer.disconnect();
  }, [title]);
}
