"use client";
// The theme as something components can follow; theme.ts changes it.
import { useSyncExternalStore } from "react";
import { type Theme, themeCookie, themeOf } from "@/components/frame/theme";

const follow = (follower: () => void) => {
  window.addEventListener(themeCookie, follower);
  return () => window.removeEventListener(themeCookie, follower);
};
const read = () => themeOf(document.documentElement.dataset.theme);

/** The chosen theme; `system` on the server, where nothing that depends on it is drawn. */
export function useTheme(): Theme {
  return useSyncExternalStore(follow, read, () => "system");
}
