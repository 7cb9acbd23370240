"use client";
// The address of the form: a link to it is the form as it is now.
import { useEffect } from "react";
import { type Composed, toSearch } from "@/components/requests/url-state";

const settleMs = 300;

/**
 * Keeps the address in step with the form, so that it can be copied at any moment. No history entry for each key. Not
 * while `leaving`, nor once a link was clicked: Next drops a navigation that is under way when the address is replaced.
 * `onAddress` hears of each before it is there.
 */
export function useAddress(composed: Composed, leaving: boolean, onAddress: (search: string) => void): void {
  const search = toSearch(composed).toString();
  useEffect(() => {
    if (leaving) return;
    const timer = setTimeout(() => {
      onAddress(search);
      window.history.replaceState(null, "", `?${search}`);
    }, settleMs);
    const onClick = ({ target }: MouseEvent) => {
      if (target instanceof Element && target.closest("a[href]")) clearTimeout(timer);
    };
    // Before the link hears of it.
    document.addEventListener("click", onClick, { capture: true });
    return () => {
      clearTimeout(timer);
      document.removeEventListener("click", onClick, { capture: true });
    };
  }, [search, leaving, onAddress]);
}
