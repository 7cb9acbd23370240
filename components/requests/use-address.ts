"use client";
import { useEffect } from "react";
import { type Composed, toSearch } from "@/components/requests/url-state";

const settleMs = 300;

/** Keeps the address in step with the form, so that it can be copied at any moment. No history entry for each key. */
export function useAddress(composed: Composed): void {
  const search = toSearch(composed).toString();
  useEffect(() => {
    const timer = setTimeout(() => window.history.replaceState(null, "", `?${search}`), settleMs);
    return () => clearTimeout(timer);
  }, [search]);
}
