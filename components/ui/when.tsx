"use client";
// An instant as people say it: relative, with the exact time on hover and for machines.
import { intlFormatDistance } from "date-fns/intlFormatDistance";
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

/** Within a day hours say more than "tomorrow", which two minutes past midnight is at eleven in the evening. */
function unitFor(distanceMs: number): { unit: "hour" } | Record<string, never> {
  return distanceMs >= 3_600_000 && distanceMs < 86_400_000 ? { unit: "hour" } : {};
}

/** "5 min ago", "in 2 h". */
export function When({ at }: { at: string }) {
  const locale = useLocale();
  const now = useNow();
  const isInBrowser = useIsInBrowser();
  const date = new Date(at);
  const text = intlFormatDistance(date, now, { locale, style: "short", ...unitFor(Math.abs(date.getTime() - now)) });
  return (
    // Browsers differ in how they shorten "minutes": what the server wrote stays until the next minute.
    <time dateTime={at} title={isInBrowser ? exactTime(at) : undefined} suppressHydrationWarning>
      {text}
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
