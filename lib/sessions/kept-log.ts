// What is kept of a session's log in the database when its directory is cleaned: its end, bounded in lines and in bytes.

const keptLines = 50;
const keptBytes = 131_072;
/** A character has at most so many. */
const characterBytes = 4;

/** How much of a log's end is to be read for it. */
export const readBytes = 2 * keptBytes;

/** The last 50 lines, and of these at most 128 KiB: a line may be as long as the log. */
export function endOfLog(log: string): string {
  // NUL cannot be stored as text.
  const lines = log.replaceAll("\0", "").trimEnd().split("\n").slice(-keptLines).join("\n");
  const bytes = Buffer.from(lines);
  let from = Math.max(0, bytes.length - keptBytes);
  // Not from within a character: its other bytes begin with 10 (RFC 3629).
  while (((bytes[from] ?? 0) & 0xc0) === 0x80) from += 1;
  return bytes.toString("utf8", from);
}

/** Whether there was more than what is kept, or hardly less. */
export const isEndOnly = (kept: string): boolean =>
  kept.split("\n").length >= keptLines || Buffer.byteLength(kept) > keptBytes - characterBytes;
