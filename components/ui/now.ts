"use client";
// The time, as something components can follow: one timer per rhythm, however many follow it.
import { createContext, useContext, useSyncExternalStore } from "react";

function ticker(everyMs: number) {
  const followers = new Set<() => void>();
  let now = Date.now();
  let timer: ReturnType<typeof setInterval> | undefined;
  const tick = () => {
    now = Date.now();
    for (const follower of followers) follower();
  };
  return {
    subscribe(follower: () => void) {
      if (followers.size === 0) {
        now = Date.now();
        timer = setInterval(tick, everyMs);
      }
      followers.add(follower);
      return () => {
        followers.delete(follower);
        if (followers.size === 0) clearInterval(timer);
      };
    },
    read: () => now,
  };
}

const rhythms = { second: ticker(1000), minute: ticker(15_000) };

/** When the server drew the page, in milliseconds since the epoch: what it drew then is what the browser must begin with. */
export const DrawnAt = createContext<number | null>(null);

const never = () => () => {};

/** False on the server and while the browser takes over what the server drew: its time zone and region are not known there. */
export const useIsInBrowser = (): boolean =>
  useSyncExternalStore(
    never,
    () => true,
    () => false,
  );

/** Milliseconds since the epoch, renewed each second or each quarter minute. */
export function useNow(rhythm: keyof typeof rhythms = "minute"): number {
  const { subscribe, read } = rhythms[rhythm];
  const drawnAt = useContext(DrawnAt);
  return useSyncExternalStore(subscribe, read, () => drawnAt ?? read());
}
