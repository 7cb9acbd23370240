// The small formats inside Slurm's columns: instants, durations, sizes, host lists. Pure; anything that says "none" is null.

const NOTHING = new Set(["", "N/A", "n/a", "(null)", "None", "NONE", "Unknown", "UNKNOWN", "None assigned", "NOT_SET"]);

/** Null for every way in which Slurm says that there is nothing. */
export const some = (text: string): string | null => (NOTHING.has(text) ? null : text);

/** 2100. Owners of jobs set their times as far away as they like; dates of five digits are not ISO's, nor a database's. */
const END_OF_TIME = 4_102_444_800_000;

const dateOf = (milliseconds: number): Date | null => (milliseconds < END_OF_TIME ? new Date(milliseconds) : null);

/** Seconds since 1970, as SLURM_TIME_FORMAT=%s prints them; null also from 2100 on. */
export function instant(text: string): Date | null {
  const seconds = /^\d{1,12}$/.test(text) ? Number(text) : 0;
  return seconds > 0 ? dateOf(seconds * 1000) : null;
}

/** `seconds` after `at`; null where either is not known, and from 2100 on. */
export const after = (at: Date | null, seconds: number | null): Date | null =>
  at && seconds !== null ? dateOf(at.getTime() + seconds * 1000) : null;

/** "1-02:03:04", "02:03:04" or "03:04" in seconds; null when unlimited or unset. */
export function durationSeconds(text: string): number | null {
  const match = /^(?:(\d+)-)?(?:(\d+):)?(\d+):(\d+)(?:\.\d+)?$/.exec(text);
  if (!match) return null;
  const [days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0));
  return (((days ?? 0) * 24 + (hours ?? 0)) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0);
}

/** As durationSeconds, in whole minutes. */
export function durationMinutes(text: string): number | null {
  const seconds = durationSeconds(text);
  return seconds === null ? null : Math.floor(seconds / 60);
}

const UNITS: Record<string, number> = { "": 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40, P: 2 ** 50 };

/** "81724K", "1.5G", "4096" (bytes) in MiB, rounded up. */
export function sizeMiB(text: string): number | null {
  const match = /^(\d{1,15}(?:\.\d+)?)([KMGTP]?)$/.exec(text);
  return match ? Math.ceil((Number(match[1]) * (UNITS[match[2] ?? ""] ?? 1)) / 2 ** 20) : null;
}

/** Whole number or null; Slurm writes UNLIMITED, INFINITE or NONE where there is no limit. */
export const whole = (text: string | undefined): number | null =>
  text && /^\d{1,15}$/.test(text) ? Number(text) : null;

/** "a,b" -> ["a", "b"]; nothing -> []. */
export const list = (text: string | undefined): string[] => (text && some(text) ? text.split(",").filter(Boolean) : []);

/** More than any name or word of Slurm's; only lists of nodes are longer. */
const LONGEST_FIELD = 1000;

/** One column of an answer, short enough to keep. JSON in a database holds no half of a character that a cut leaves. */
export const field = (text: string): string =>
  text.length > LONGEST_FIELD ? text.slice(0, LONGEST_FIELD).toWellFormed() : text;

/** Control and bidirectional characters out of somebody else's free text: it is shown, never interpreted. */
export const printable = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, " ")
    .trim()
    .slice(0, 200);
