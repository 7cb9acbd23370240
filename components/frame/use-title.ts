"use client";
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
