// Which keys copy and paste in a terminal, as people of each system are used to. Everything else is the program's: Ctrl-C above
// all, but where Windows' own terminal copies with it while something is selected.

type Key = Pick<KeyboardEvent, "code" | "ctrlKey" | "shiftKey" | "altKey" | "metaKey">;

/**
 * What a key is for. `paste` is left to the browser, which asks nobody then: Ctrl-Shift-V, Shift-Insert and a Mac's Cmd-V
 * paste by themselves, as Cmd-C and Ctrl-Insert copy.
 */
export function clipboardKey(
  { code, ctrlKey, shiftKey, altKey, metaKey }: Key,
  { isWindows, hasSelection }: { isWindows: boolean; hasSelection: boolean },
): "copy" | "paste" | null {
  if (!ctrlKey || altKey || metaKey) return null;
  if (code === "KeyC" && shiftKey) return "copy";
  if (code === "KeyC" && isWindows && hasSelection) return "copy";
  if (code === "KeyV" && isWindows && !shiftKey) return "paste";
  return null;
}

type Platform = { userAgentData?: { platform: string }; platform?: string };

/** Of `navigator`: newer browsers say it in one place, the others in the other. */
export const isWindows = ({ userAgentData, platform = "" }: Platform): boolean =>
  /^win/i.test(userAgentData?.platform ?? platform);
