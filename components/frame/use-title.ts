"use client";
// The tab's title as part of a page: people with many tabs see there what a session is at.
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { me } from "@/components/people/queries";

/** Keeps the tab's title at `page` and the portal's name, also when Next writes the page's own a moment later. */
export function useTitle(page: string): void {
  const portal = useQuery(me).data?.instance.title;
  const title = portal ? `${page} · ${portal}` : page;
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
