// The clipboard by touch, where there is neither a mouse to select with nor a key to press.
import type { Terminal } from "@xterm/xterm";
import { writeClipboard } from "@/components/ui/copy-button";

/** What can be seen. A line that the screen broke is one line. */
function visibleText({ buffer: { active }, rows }: Terminal): string {
  let text = "";
  for (let at = active.viewportY; at < active.viewportY + rows; at += 1) {
    const line = active.getLine(at);
    const goesOn = active.getLine(at + 1)?.isWrapped ?? false;
    text += (line?.translateToString(!goesOn) ?? "") + (goesOn ? "" : "\n");
  }
  return text.trimEnd();
}

/** Copies what is selected, or all that can be seen. False when the browser refuses. */
export const copyFrom = (terminal: Terminal): Promise<boolean> =>
  writeClipboard(terminal.getSelection() || visibleText(terminal)).catch(() => false);

/** Pastes, as the program wants it. False when the browser refuses. */
export async function pasteInto(terminal: Terminal): Promise<boolean> {
  // Only in secure contexts, and where the person allows it.
  const text = await navigator.clipboard?.readText().catch(() => undefined);
  if (text) terminal.paste(text);
  return text !== undefined;
}
