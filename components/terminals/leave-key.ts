// The way out of a terminal by keyboard: everything else that is pressed there, Tab and Escape too, is the program's (WCAG 2.1.2).

type Key = Pick<KeyboardEvent, "code" | "ctrlKey" | "shiftKey" | "altKey" | "metaKey">;

/** Ctrl Shift and the full stop: terminals have no code for it, and neither browsers nor desktops take it. By its place, whatever Shift makes of it. */
export const isLeaveKey = ({ code, ctrlKey, shiftKey, altKey, metaKey }: Key): boolean =>
  code === "Period" && ctrlKey && shiftKey && !altKey && !metaKey;
