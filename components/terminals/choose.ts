// Which terminal the page shows. Pure.
import type { TerminalView } from "@/lib/terminals/schema";

export const liveOf = (all: TerminalView[]): TerminalView[] =>
  all.filter(({ state }) => state !== "ended").toSorted((a, b) => (a.createdAt < b.createdAt ? -1 : 1));

/**
 * The one that the address names. Where it names none, the newest, and from then on that one, which is `before`: keys must not
 * go to another shell because one was opened elsewhere, or because this one ended.
 */
export function choose(all: TerminalView[], id: string | null, before: string | null): TerminalView | undefined {
  const wanted = all.find((terminal) => terminal.id === (id ?? before));
  return wanted ?? (id ? undefined : liveOf(all).at(-1));
}
