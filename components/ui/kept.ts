// What this browser keeps for the next time. Some keep nothing for a page, or no more, and say so by throwing: then it is
// known as long as the page is open.

const here = new Map<string, string>();

/** The text kept under `name`; null when there is none. */
export function kept(name: string): string | null {
  try {
    return window.localStorage.getItem(name) ?? here.get(name) ?? null;
  } catch {
    return here.get(name) ?? null;
  }
}

export function keep(name: string, text: string): void {
  here.set(name, text);
  try {
    window.localStorage.setItem(name, text);
  } catch {
    // Known here all the same.
  }
}
