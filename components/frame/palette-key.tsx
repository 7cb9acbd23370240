"use client";
import { Kbd } from "@/components/ui/kbd";
// The key that opens the palette, as the reader's keyboard has it.
import { useIsInBrowser } from "@/components/ui/now";
import { isMac } from "@/components/ui/platform";

/** The server does not know the keyboard: the first HTML has what most people press. */
export function PaletteKey() {
  return <Kbd>{useIsInBrowser() && isMac(navigator) ? "⌘K" : "Ctrl K"}</Kbd>;
}
