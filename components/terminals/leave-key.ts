// The way out of a terminal by keyboard: everything else that is pressed there, Tab and Escape too, is the program's (WCAG 2.1.2).

type Key = Pick<KeyboardEvent, "key" | "code" | "ctrlKey" | "shiftKey" | "altKey" | "metaKey">;

/** Where the colon is on American keyboards, and the angle brackets on European ones. */
const otherSigns = new Set(["Semicolon", "IntlBackslash"]);

/** Where the full stop is on most keyboards, or the sign itself, with Shift too, where there is a letter in that place (Dvorak, Bépo). */
const isFullStop = ({ key, code }: Key): boolean =>
  (/^[.:>]$/.test(key) && !otherSigns.has(code)) || (code === "Period" && !/^[a-z]$/i.test(key));

/** Ctrl Shift and the full stop: terminals have no code for it, and neither browsers nor desktops take it. */
export const isLeaveKey = (key: Key): boolean =>
  isFullStop(key) && key.ctrlKey && key.shiftKey && !key.altKey && !key.metaKey;
