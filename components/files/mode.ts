// Permissions as people read and set them, of one thing or of several that differ. See inode(7).
import { isFolder } from "@/components/files/arrange";
import type { FileEntry } from "@/lib/files/schema";

export const whos = ["owner", "group", "others"] as const;
export const rights = ["read", "write", "execute"] as const;
export type Who = (typeof whos)[number];
export type Right = (typeof rights)[number];

/** The bits that are to be set and those that are to be taken; every other one stays as each thing has it. */
export type ModeChange = { on: number; off: number };

export const unchanged: ModeChange = { on: 0, off: 0 };

const bitOf = (who: Who, right: Right): number => (0o4 >> rights.indexOf(right)) << (3 * (2 - whos.indexOf(who)));

export const has = (mode: number, who: Who, right: Right): boolean => (mode & bitOf(who, right)) !== 0;

/** What one thing has afterwards. */
export const changed = (entry: Pick<FileEntry, "mode">, { on, off }: ModeChange): number =>
  (Number.parseInt(entry.mode, 8) & ~off) | on;

/** Whether all have a right or none does; null where they differ. */
export function hasAll(modes: number[], who: Who, right: Right): boolean | null {
  const [first = false, ...others] = modes.map((mode) => has(mode, who, right));
  return others.every((other) => other === first) ? first : null;
}

/** Gives a right to all, or takes it from all. */
export function withRight({ on, off }: ModeChange, bit: { who: Who; right: Right; isOn: boolean }): ModeChange {
  const mask = bitOf(bit.who, bit.right);
  return bit.isOn ? { on: on | mask, off: off & ~mask } : { on: on & ~mask, off: off | mask };
}

/** As a number says it: three digits leave the set-id bits as they are. */
export function fromOctal(octal: string): ModeChange {
  const on = Number.parseInt(octal, 8);
  return { on, off: ~on & (octal.length > 3 ? 0o7777 : 0o777) };
}

/** "rwxr-x---"; with s and t as ls(1) writes them. */
export function modeText(octal: string): string {
  const mode = Number.parseInt(octal, 8);
  const special = [mode & 0o4000 && "s", mode & 0o2000 && "s", mode & 0o1000 && "t"];
  return whos
    .map((who, at) => {
      const sign = special[at];
      const last = has(mode, who, "execute") ? sign || "x" : sign ? sign.toUpperCase() : "-";
      return `${has(mode, who, "read") ? "r" : "-"}${has(mode, who, "write") ? "w" : "-"}${last}`;
    })
    .join("");
}

/** Four digits. */
export const octalOf = (mode: number): string => mode.toString(8).padStart(4, "0");

/** The one number that all have; "" where they differ. */
export const octalOfAll = (modes: number[]): string =>
  new Set(modes).size === 1 && modes[0] !== undefined ? octalOf(modes[0]) : "";

/** What the API is to be asked for: the paths that get the same mode, together. */
export function modesToSet(entries: Pick<FileEntry, "mode" | "path" | "type" | "target">[], change: ModeChange) {
  const wishes = new Map<string, string[]>();
  for (const entry of entries) {
    const octal = octalOf(changed(entry, change));
    // Three digits leave the set-id bits of folders, and of all folders inside; a file's are taken by them.
    const isSpokenOf = ((change.on | change.off) & 0o7000) !== 0;
    const isLeft = isFolder(entry) || octal.startsWith("0");
    const mode = isLeft && !isSpokenOf ? octal.slice(-3) : octal;
    const paths = wishes.get(mode) ?? [];
    paths.push(entry.path);
    wishes.set(mode, paths);
  }
  return Array.from(wishes, ([mode, paths]) => ({ mode, paths }));
}
