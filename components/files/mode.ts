// Permissions as people read and set them. See inode(7).

export const whos = ["owner", "group", "others"] as const;
export const rights = ["read", "write", "execute"] as const;
export type Who = (typeof whos)[number];
export type Right = (typeof rights)[number];

const bitOf = (who: Who, right: Right): number => (0o4 >> rights.indexOf(right)) << (3 * (2 - whos.indexOf(who)));

export const has = (mode: number, who: Who, right: Right): boolean => (mode & bitOf(who, right)) !== 0;
export const flipped = (mode: number, who: Who, right: Right): number => mode ^ bitOf(who, right);

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
