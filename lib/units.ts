// Units as people read them. Browser and server.

/** "45 min", "2 h", "1 h 30 min", "3 d 4 h". */
export function formatMinutes(minutes: number): string {
  const whole = Math.max(0, Math.round(minutes));
  const days = Math.floor(whole / 1440);
  const hours = Math.floor((whole % 1440) / 60);
  const rest = whole % 60;
  const parts = [days && `${days} d`, hours && `${hours} h`, rest && `${rest} min`].filter(Boolean);
  return parts.length > 0 ? parts.join(" ") : "0 min";
}

/** GiB as they were typed: sums of tenths have tails, 0.2 + 0.4 is 0.6000000000000001. */
export const tidyGib = (gib: number): number => Number(gib.toFixed(4));

/** "16 GiB", "0.5 GiB", "250.9 GiB", "1.5 TiB": never more than there is, so that what is said of a limit fits in it. */
export function formatGiB(gib: number): string {
  const tenthsOfTib = tidyGib((gib / 1024) * 10);
  if (gib >= 1024 && Number.isInteger(tenthsOfTib)) return `${tenthsOfTib / 10} TiB`;
  const parts = gib < 1 ? 100 : 10;
  return `${Math.floor(tidyGib(gib * parts)) / parts} GiB`;
}

/** MiB as a scheduler counts -> GiB. */
export const mibToGib = (mib: number): number => mib / 1024;

/** "1 core", "4 cores". */
export function count(value: number, one: string, many = `${one}s`): string {
  return `${value} ${value === 1 ? one : many}`;
}

const byteUnits = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;

/** "0 bytes", "12.3 KiB", "3 GiB". */
export function formatBytes(bytes: number): string {
  const power = bytes < 1024 ? 0 : Math.min(byteUnits.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  return `${Number(value.toFixed(value < 100 && power > 0 ? 1 : 0))} ${power === 0 && bytes === 1 ? "byte" : byteUnits[power]}`;
}

/** How long something still takes: "12 s", "3 min", "1 h 5 min". */
export function formatSeconds(seconds: number): string {
  return seconds < 60 ? `${Math.max(1, Math.round(seconds))} s` : formatMinutes(seconds / 60);
}
