// Which entries of the palette a search finds, and in which order. Enter takes the first, so the best must be that, of whichever
// group: cmdk itself leaves groups where they are.
import { defaultFilter } from "cmdk";

/** `text` is what a search is compared with. */
export type Searched = { text: string };
export type Group<Entry extends Searched> = { key: string; heading: string; entries: Entry[] };

/** Below it letters are only scattered over the text. */
const leastScore = 0.02;

/** 0 for no match, up to 1. Each word of the search must be found, wherever it is. */
function scoreOf(text: string, search: string): number {
  const scores = search
    .trim()
    .split(/\s+/)
    .map((word) => defaultFilter(text, word));
  return scores.every((score) => score >= leastScore) ? scores.reduce((product, score) => product * score, 1) : 0;
}

/** What is found of each group, best first, groups by their best; all as it is without a search. */
export function ranked<Entry extends Searched>(groups: Group<Entry>[], search: string): Group<Entry>[] {
  if (!search.trim()) return groups;
  const found = groups.map((group) => {
    const scored = group.entries.map((entry) => ({ entry, score: scoreOf(entry.text, search) }));
    const matching = scored.filter(({ score }) => score > 0).toSorted((a, b) => b.score - a.score);
    return { group: { ...group, entries: matching.map(({ entry }) => entry) }, best: matching[0]?.score ?? 0 };
  });
  return found
    .filter(({ best }) => best > 0)
    .toSorted((a, b) => b.best - a.best)
    .map(({ group }) => group);
}
