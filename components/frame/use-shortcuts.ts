"use client";
// Ctrl K, or Cmd K on a Mac, opens the palette; "g" and a letter goes to a page. Single keys can be turned off in settings (WCAG 2.1.4).
import { useRouter } from "next/navigation";
import { useEffect, useEffectEvent } from "react";
import { pages } from "@/components/frame/navigation";
import { isPaletteKey, letterOf } from "@/components/frame/shortcut-keys";
import { keptSwitch } from "@/components/ui/kept-switch";
import { leave } from "@/components/ui/leaving";
import { isMac } from "@/components/ui/platform";

// As long as people take between "g" and the letter.
const sequenceMs = 1200;

/** Whether keys without Ctrl do something. */
export const singleKeys = keptSwitch("berth-single-keys", true);

/** Keys pressed while writing are text. */
const writes = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || target.closest("input, textarea, select, dialog") !== null);

export function useShortcuts({ onPalette }: { onPalette: () => void }) {
  const router = useRouter();
  const go = useEffectEvent((letter: string) => {
    const page = pages.find((entry) => entry.letter === letter);
    if (page) leave(() => router.push(page.href));
  });
  const palette = useEffectEvent(onPalette);
  useEffect(() => {
    let startedAt = 0;
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented) return;
      if (isPaletteKey(event, isMac(navigator))) {
        event.preventDefault();
        palette();
        return;
      }
      if (
        event.ctrlKey ||
        event.metaKey ||
        event.altKey ||
        event.shiftKey ||
        !singleKeys.isOn() ||
        writes(event.target)
      )
        return;
      const letter = letterOf(event);
      // "g g h" is "g h": a second g begins anew.
      if (Date.now() - startedAt < sequenceMs) go(letter);
      startedAt = letter === "g" ? Date.now() : 0;
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
}
