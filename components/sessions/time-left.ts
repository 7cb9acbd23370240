// How much of the asked time is left, and how urgent that is. Pure: time is an argument.
import { elapsedShare } from "@/lib/sessions/rules";
import type { SessionView } from "@/lib/sessions/schema";
import { formatMinutes } from "@/lib/units";

type Timed = Pick<SessionView, "startedAt" | "endsAt">;

export type TimeLeft = {
  /** "1 h 12 min"; in the last minute "40 s". */
  text: string;
  /** 0 to 1 of the asked time that is over. */
  share: number;
  tone: "accent" | "wait" | "bad";
};

/** Urgent at a quarter of an hour and again at five minutes; for short sessions at a fifth and a tenth of their time. */
function urgency(leftMs: number, wholeMs: number): TimeLeft["tone"] {
  if (leftMs < Math.min(5 * 60_000, wholeMs / 10)) return "bad";
  return leftMs < Math.min(15 * 60_000, wholeMs / 5) ? "wait" : "accent";
}

/** Null before the start: nothing runs out yet. `now` in milliseconds since the epoch. */
export function timeLeft(session: Timed, now: number): TimeLeft | null {
  const share = elapsedShare(session, new Date(now));
  if (share === null || !session.startedAt || !session.endsAt) return null;
  const leftMs = Math.max(0, Date.parse(session.endsAt) - now);
  const text = leftMs < 60_000 ? `${Math.floor(leftMs / 1000)} s` : formatMinutes(Math.floor(leftMs / 60_000));
  const wholeMs = Date.parse(session.endsAt) - Date.parse(session.startedAt);
  return { text, share, tone: urgency(leftMs, wholeMs) };
}

/** "29 s", "12 min": the time between two instants; null when one is not known. */
export function lasted(from: string | null, to: string | null): string | null {
  if (!from || !to) return null;
  const seconds = Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 1000));
  if (seconds < 60) return `${seconds} s`;
  return formatMinutes(Math.floor(seconds / 60));
}
