// The last answers to reads that people look at all the time, shown while the database is away and marked with their age.
import { once } from "@/lib/once";

export type Kept = { answer: unknown; at: Date };

/** The header of an answer that is not new: since when it is not. */
export const staleHeader = "berth-stale-since";
/** What the pages show all the time: what I have, where it runs, what I may use. */
const paths = new Set(["/api/me", "/api/sessions", "/api/sessions/{id}", "/api/clusters", "/api/templates"]);

export const isKept = ({ method, path }: { method: string; path: string }): boolean =>
  method === "GET" && paths.has(path);

const most = 3000;
const longestMs = 10 * 60_000;

const kept = () => once("http.last-answers", () => new Map<string, Kept>());

/** Keeps what `key` was answered. Nothing is copied: an answer is not changed after it was given. */
export function keepAnswer(key: string, answer: unknown): void {
  const answers = kept();
  // A Map keeps its order: what was answered longest ago comes first.
  answers.delete(key);
  answers.set(key, { answer, at: new Date() });
  if (answers.size <= most) return;
  const [oldest] = answers.keys();
  if (oldest !== undefined) answers.delete(oldest);
}

/** What `key` was answered within the last ten minutes, or null. */
export function keptAnswer(key: string): Kept | null {
  const found = kept().get(key);
  return found && Date.now() - found.at.getTime() < longestMs ? found : null;
}
