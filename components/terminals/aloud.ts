"use client";
// Whether terminals are put in words for a screen reader, which costs them speed: kept in this browser.
import { useSyncExternalStore } from "react";
import { keep, kept } from "@/components/ui/kept";

const stored = "berth-terminal-aloud";

/** What a terminal that opens now goes by. */
export const isAloud = (): boolean => kept(stored) === "on";

const follow = (follower: () => void) => {
  window.addEventListener(stored, follower);
  return () => window.removeEventListener(stored, follower);
};

export const useAloud = (): boolean => useSyncExternalStore(follow, isAloud, () => false);

export function setAloud(on: boolean): void {
  keep(stored, on ? "on" : "off");
  window.dispatchEvent(new Event(stored));
}
