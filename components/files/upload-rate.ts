// How fast uploads go and how long they still take, from what was sent in the last seconds. Pure.

type Sample = { at: number; sent: number };
const spanMs = 6000;

/** The samples that still count, with the newest added. */
export function sampled(samples: Sample[], newest: Sample): Sample[] {
  // Sent less than before: something was cancelled or begun anew, and the old rate says nothing.
  if (newest.sent < (samples.at(-1)?.sent ?? 0)) return [newest];
  return [...samples.filter(({ at }) => newest.at - at <= spanMs), newest];
}

/** Bytes a second; null before there is anything to tell. */
export function rateOf(samples: Sample[]): number | null {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last || last.at - first.at < 500) return null;
  return ((last.sent - first.sent) / (last.at - first.at)) * 1000;
}

/** Seconds until `left` bytes are sent; null when nothing moves. */
export const secondsLeft = (rate: number | null, left: number): number | null => (rate ? left / rate : null);
