// The last answers to reads that people look at all the time, shown while the database is away and marked with their age.
// Kept as the text that was sent, so that what they hold can be counted: a person may ask for a large page in endless ways.
import { once } from "@/lib/once";

export type Kept = { json: string; at: Date };

/** The header of an answer that is not new: since when it is not. */
export const staleHeader = "berth-stale-since";
/** What the pages show all the time: what I have, where it runs, what I may use. */
const paths = new Set(["/api/me", "/api/sessions", "/api/sessions/{id}", "/api/clusters", "/api/templates"]);

export const isKept = ({ method, path }: { method: string; path: string }): boolean =>
  method === "GET" && paths.has(path);

/** Characters: of all answers together, and of one that is worth keeping. */
const most = 32 * 2 ** 20;
const longest = 2 ** 20;
const longestMs = 10 * 60_000;

type Answers = { byKey: Map<string, Kept>; size: number };

const kept = () => once("http.last-answers", (): Answers => ({ byKey: new Map(), size: 0 }));

const sizeOf = (key: string, { json }: Kept): number => key.length + json.length;

function drop(answers: Answers, key: string): void {
  const found = answers.byKey.get(key);
  if (!found) return;
  answers.byKey.delete(key);
  answers.size -= sizeOf(key, found);
}

/** Keeps what `key` was answered. */
export function keepAnswer(key: string, json: string): void {
  const answers = kept();
  drop(answers, key);
  if (json.length > longest) return;
  const fresh = { json, at: new Date() };
  answers.byKey.set(key, fresh);
  answers.size += sizeOf(key, fresh);
  // A Map keeps its order: what was answered longest ago comes first.
  for (const oldest of answers.byKey.keys()) {
    if (answers.size <= most) return;
    drop(answers, oldest);
  }
}

/** What `key` was answered within the last ten minutes, or null. */
export function keptAnswer(key: string): Kept | null {
  const found = kept().byKey.get(key);
  return found && Date.now() - found.at.getTime() < longestMs ? found : null;
}
