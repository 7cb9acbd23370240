"use client";
// An instant as people say it: relative, with the exact time on hover and for machines.
import { differenceInDays } from "date-fns/differenceInDays";
import { differenceInHours } from "date-fns/differenceInHours";
import { differenceInMinutes } from "date-fns/differenceInMinutes";
import { differenceInMonths } from "date-fns/differenceInMonths";
import { differenceInSeconds } from "date-fns/differenceInSeconds";
import { differenceInWeeks } from "date-fns/differenceInWeeks";
import { differenceInYears } from "date-fns/differenceInYears";
import { useLocale } from "next-intl";
import { useIsInBrowser, useNow } from "@/components/ui/now";

// Clocks and dates follow the browser's own region and time zone, so the server draws none; only words follow the language
// of the pages.

/** "22 Nov 2026, 10:42:13 GMT": exact. */
export function exactTime(at: string): string {
  return new Date(at).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "long" });
}

/** "10:42", or "Thu, 26 Nov, 10:42" when it is not within half a day of `now`; to the second where order matters. */
export function clockTime(at: string, now: number, seconds = false): string {
  const date = new Date(at);
  const near = Math.abs(date.getTime() - now) < 12 * 3_600_000;
  const day = near ? {} : ({ weekday: "short", day: "numeric", month: "short" } as const);
  const second = seconds ? ({ second: "2-digit" } as const) : {};
  return date.toLocaleString(undefined, { ...day, hour: "2-digit", minute: "2-digit", ...second });
}

/** Whole ones that have gone by: by the calendar alone, five days across New Year would be a year. */
const differences = [
  ["year", differenceInYears],
  ["month", differenceInMonths],
  ["week", differenceInWeeks],
  ["day", differenceInDays],
  ["hour", differenceInHours],
  ["minute", differenceInMinutes],
  ["second", differenceInSeconds],
] as const;

/** "5 min. ago", "in 2 hr.": whole units, the largest of which there is one. */
export function relativeTime(at: string, now: number, locale: string): string {
  for (const [unit, difference] of differences) {
    const count = difference(at, now);
    // Pages look at the clock every few seconds, and a cluster's may be ahead: what is ahead by less than a minute is now.
    if (count !== 0 && (unit !== "second" || count < 0))
      return new Intl.RelativeTimeFormat(locale, { style: "short" }).format(count, unit);
  }
  return new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "short" }).format(0, "second");
}

/** "5 min ago", "in 2 h". */
export function When({ at }: { at: string }) {
  const locale = useLocale();
  const now = useNow();
  const isInBrowser = useIsInBrowser();
  return (
    // Browsers differ in how they shorten "minutes": what the server wrote stays until the next minute.
    <time dateTime={at} title={isInBrowser ? exactTime(at) : undefined} suppressHydrationWarning>
      {relativeTime(at, now, locale)}
    </time>
  );
}

/** "10:42"; with seconds where order matters. */
export function Clock({ at, seconds = false }: { at: string; seconds?: boolean }) {
  const now = useNow();
  const isInBrowser = useIsInBrowser();
  // About as wide as what will be there.
  if (!isInBrowser)
    return (
      <time dateTime={at} className="invisible whitespace-nowrap">
        {seconds ? "00:00:00" : "00:00"}
      </time>
    );
  const text = clockTime(at, now, seconds);
  return (
    <time dateTime={at} title={exactTime(at)} className="whitespace-nowrap">
      {text}
    </time>
  );
}
