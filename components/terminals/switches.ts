"use client";
// What a person has chosen for the terminals of this browser. One that opens goes by it.
import { keptSwitch } from "@/components/ui/kept-switch";

/** Put in words for a screen reader, which costs speed. */
export const aloud = keptSwitch("berth-terminal-aloud", false);

/** A Mac's Option types ESC and the key, for Emacs and readline, and none of the signs that most keyboards have under it. */
export const optionIsMeta = keptSwitch("berth-terminal-option-is-meta", false);
