// A program's output as text: what a terminal would show of it in the end. Pure.

/** Escape sequences colour a terminal; here they would be noise. Other control characters but tab and newline go too. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: removing them is the purpose.
const noise = /\u001b\[[0-9;?]*[ -/]*[@-~]|[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;

export const withoutNoise = (text: string): string => text.replace(noise, "");

/** What a terminal would show: a progress bar returns to the start of its line and writes over what was there. */
export const asShown = (text: string): string => withoutNoise(text).replace(/\r+$/gm, "").replace(/^.*\r/gm, "");
