// Which keys copy and paste in a terminal, as people of each system are used to. Everything else is the program's: Ctrl-C above
// all, but where Windows' own terminal copies with it while something is selected.

type Key = Pick<KeyboardEvent, "key" | "code" | "ctrlKey" | "shiftKey" | "altKey" | "metaKey">;

/** What keyboards of other arrangements call it; where it is no letter of ours (Cyrillic), that of its place. */
const codeOf = ({ key, code }: Key): string => (/^[a-z]$/i.test(key) ? `Key${key.toUpperCase()}` : code);

/**
 * What a key is for. `paste` is left to the browser, which asks nobody then: Ctrl-Shift-V, Shift-Insert and a Mac's Cmd-V
 * paste by themselves, as Cmd-C and Ctrl-Insert copy.
 */
export function clipboardKey(
  key: Key,
  { isWindows, hasSelection }: { isWindows: boolean; hasSelection: boolean },
): "copy" | "paste" | null {
  const { ctrlKey, shiftKey, altKey, metaKey } = key;
  const code = codeOf(key);
  if (!ctrlKey || altKey || metaKey) return null;
  if (code === "KeyC" && shiftKey) return "copy";
  if (code === "KeyC" && isWindows && hasSelection) return "copy";
  if (code === "KeyV" && isWindows && !shiftKey) return "paste";
  return null;
}
