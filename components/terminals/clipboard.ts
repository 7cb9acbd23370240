// The clipboard by touch, where there is neither a mouse to select with nor a key to press.
import type { Terminal } from "@xterm/xterm";

const mostLines = 2000;

/** What was printed last, and where in it, from 0 to 1, the part ends that can be seen. */
export type Printed = { text: string; seenUntil: number };

/** The last lines, whole: one that the screen broke is one line. */
export function printedLast({ buffer: { active }, rows }: Terminal): Printed {
  const end = active.baseY + rows;
  const seenEnd = active.viewportY + rows;
  let [text, before] = ["", 0];
  for (let at = Math.max(0, Math.min(end - mostLines, active.viewportY)); at < end; at += 1) {
    const line = active.getLine(at);
    const goesOn = active.getLine(at + 1)?.isWrapped ?? false;
    text += (line?.translateToString(!goesOn) ?? "") + (goesOn ? "" : "\n");
    if (at + 1 === seenEnd) before = text.length;
  }
  text = text.trimEnd();
  return { text, seenUntil: text ? Math.min(1, before / text.length) : 1 };
}

/** Pastes, as the program wants it. False when the browser refuses. */
export async function pasteInto(terminal: Terminal): Promise<boolean> {
  // Only in secure contexts, and where the person allows it.
  const text = await navigator.clipboard?.readText().catch(() => undefined);
  if (text) terminal.paste(text);
  return text !== undefined;
}
