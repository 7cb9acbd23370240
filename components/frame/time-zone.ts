// The browser's time zone, in a cookie: the server greets by the clock on the reader's wall in its first byte.

export const zoneCookie = "berth-zone";
const yearSeconds = 365 * 24 * 3600;

/** In the browser: tells the next page. */
export function rememberZone(): void {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  // biome-ignore lint/suspicious/noDocumentCookie: Cookie Store is not in every supported browser, and this one holds no secret.
  document.cookie = `${zoneCookie}=${timeZone}; path=/; max-age=${yearSeconds}; samesite=lax`;
}

/** The hour of `at` (milliseconds since the epoch) in the zone that a cookie names, 0 to 23; null when it names none. */
export function hourIn(zone: string | undefined, at: number): number | null {
  if (!zone || !/^[\w+/-]{1,64}$/.test(zone)) return null;
  try {
    return Number(new Intl.DateTimeFormat("en", { timeZone: zone, hour: "2-digit", hourCycle: "h23" }).format(at));
  } catch {
    return null;
  }
}
