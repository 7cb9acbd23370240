// What an examination says: one finding a question, with what to do when something is wrong. A question that could not be
// asked is not a problem, and not fine either.
import { isPortalError } from "@/lib/errors";

export type Finding = {
  /** What was looked at, for example "host keys of login1". */
  check: string;
  verdict: "ok" | "problem" | "unchecked";
  says: string;
  /** Set for every problem. */
  todo: string | null;
};

export const fine = (check: string, says: string): Finding => ({ check, verdict: "ok", says, todo: null });

export const problem = (check: string, says: string, todo: string): Finding => ({
  check,
  verdict: "problem",
  says,
  todo,
});

export const unchecked = (check: string, says: string, todo: string | null = null): Finding => ({
  check,
  verdict: "unchecked",
  says,
  todo,
});

/** The sentence of a fault with the cluster's own words under it. */
export function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const words = isPortalError(error) ? error.words : undefined;
  return words && !error.message.includes(words) ? `${error.message} (${words.trim().slice(0, 300)})` : error.message;
}

/** A finding for what a fault says: a problem, with what to do about it. */
export const fault = (check: string, error: unknown, todo: string): Finding => problem(check, sentenceOf(error), todo);
