"use client";
// The size of a terminal's text: by buttons, by two fingers, and the same the next time.
import { type RefObject, useEffect, useEffectEvent, useState } from "react";
import { keep, kept } from "@/components/ui/kept";

const smallest = 8;
const largest = 32;
const usual = 13;
const stored = "berth-terminal-font-size";

const bounded = (size: number): number => Math.min(largest, Math.max(smallest, Math.round(size)));

function startSize(): number {
  const last = Number(kept(stored));
  return last ? bounded(last) : usual;
}

const spread = ({ touches: [one, other] }: TouchEvent): number =>
  one && other ? Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY) : 0;

/** Text grows and shrinks with the distance of two fingers in `box`; the page itself does not. */
export function useFontSize(box: RefObject<HTMLElement | null>) {
  const [fontSize, setFontSize] = useState(startSize);
  const change = (size: number) => {
    keep(stored, String(bounded(size)));
    setFontSize(bounded(size));
  };
  const now = useEffectEvent(() => fontSize);
  const pinch = useEffectEvent(change);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    let begin: { spread: number; fontSize: number } | null = null;
    const onStart = (event: TouchEvent) => {
      begin = event.touches.length === 2 ? { spread: spread(event), fontSize: now() } : null;
    };
    const onMove = (event: TouchEvent) => {
      if (!begin || event.touches.length !== 2) return;
      event.preventDefault();
      pinch((begin.fontSize * spread(event)) / begin.spread);
    };
    const onEnd = () => {
      begin = null;
    };
    // Not passive: else the browser zooms the whole page.
    element.addEventListener("touchstart", onStart, { passive: true });
    element.addEventListener("touchmove", onMove, { passive: false });
    element.addEventListener("touchend", onEnd);
    return () => {
      element.removeEventListener("touchstart", onStart);
      element.removeEventListener("touchmove", onMove);
      element.removeEventListener("touchend", onEnd);
    };
  }, [box]);
  return { fontSize, grow: () => change(fontSize + 1), shrink: () => change(fontSize - 1) };
}
