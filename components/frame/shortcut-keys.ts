// Which keys are shortcuts of the portal. Pure: what the browser and the page's own fields make of a key comes first.

type Key = Pick<KeyboardEvent, "key" | "code" | "ctrlKey" | "metaKey" | "shiftKey" | "altKey">;

/** The letter on a key, in lower case: where another alphabet is written, the Latin one at the same place. */
export const letterOf = ({ key, code }: Pick<Key, "key" | "code">): string =>
  /^\P{Script=Latin}$/u.test(key) && /^Key[A-Z]$/.test(code) ? code.slice(3).toLowerCase() : key.toLowerCase();

/** Ctrl K; on a Mac Cmd K alone, for Ctrl K deletes to the end of the line there. With Shift or Alt it is an editor's. */
export function isPaletteKey(key: Key, isMac: boolean): boolean {
  const held = isMac ? key.metaKey && !key.ctrlKey : key.ctrlKey && !key.metaKey;
  return held && !key.shiftKey && !key.altKey && letterOf(key) === "k";
}
