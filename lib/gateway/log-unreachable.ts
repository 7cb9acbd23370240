// Notes in the log that an app does not answer. Whoever owns a session can make that happen as often as they like, so each
// session has a line once in a while, with a count.
import { isPortalError } from "@/lib/errors";

const everyMs = 10_000;
const most = 10_000;

export type UnreachableLine = {
  err: unknown;
  sessionId: string;
  /** Since the last line of this session, with this one. */
  times: number;
};

/** Returns what to call each time; `write` is called at most every ten seconds for a session. */
export function unreachableLog(
  write: (line: UnreachableLine) => void,
  now = () => performance.now(),
): (error: unknown, sessionId: string) => void {
  const lines = new Map<string, { writtenAt: number; times: number }>();
  return (error, sessionId) => {
    const last = lines.get(sessionId) ?? { writtenAt: Number.NEGATIVE_INFINITY, times: 0 };
    last.times += 1;
    if (lines.size >= most) lines.clear();
    lines.set(sessionId, last);
    if (now() - last.writtenAt < everyMs) return;
    const { times } = last;
    lines.set(sessionId, { writtenAt: now(), times: 0 });
    // Where in the portal a known fault was found says nothing of the app.
    const err = isPortalError(error) ? { code: error.code, message: error.message, words: error.words } : error;
    write({ err, sessionId, times });
  };
}
