// The small formats inside Slurm's columns: instants, durations, sizes, host lists. Pure; anything that says "none" is null.

const NOTHING = new Set(["", "N/A", "n/a", "(null)", "None", "NONE", "Unknown", "UNKNOWN", "None assigned", "NOT_SET"]);

/** Null for every way in which Slurm says that there is nothing. */
export const some = (text: string): string | null => (NOTHING.has(text) ? null : text);

/** Seconds since 1970, as SLURM_TIME_FORMAT=%s prints them. */
export function instant(text: string): Date | null {
  const seconds = /^\d{1,12}$/.test(text) ? Number(text) : 0;
  return seconds > 0 ? new Date(seconds * 1000) : null;
}

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
  const match = /^(\d+(?:\.\d+)?)([KMGTP]?)$/.exec(text);
  return match ? Math.ceil((Number(match[1]) * (UNITS[match[2] ?? ""] ?? 1)) / 2 ** 20) : null;
}

/** Whole number or null; Slurm writes UNLIMITED, INFINITE or NONE where there is no limit. */
export const whole = (text: string | undefined): number | null => (text && /^\d+$/.test(text) ? Number(text) : null);

/** "a,b" -> ["a", "b"]; nothing -> []. */
export const list = (text: string | undefined): string[] => (text && some(text) ? text.split(",").filter(Boolean) : []);

/** Control and bidirectional characters out of somebody else's free text: it is shown, never interpreted. */
export const printable = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, " ")
    .trim()
    .slice(0, 200);
