"use client";
// Whether the window is narrow, where a script must know it: rows of a virtual list have heights in numbers.
import { useSyncExternalStore } from "react";

// As --breakpoint-md in app/globals.css.
const narrow = "(width < 56rem)";

const follow = (follower: () => void) => {
  const query = window.matchMedia(narrow);
  query.addEventListener("change", follower);
  return () => query.removeEventListener("change", follower);
};

export const useIsPhone = (): boolean =>
  useSyncExternalStore(
    follow,
    () => window.matchMedia(narrow).matches,
    () => false,
  );
