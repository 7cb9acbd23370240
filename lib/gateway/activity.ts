// When a person last used a session's app, written at most twice a minute however busy the app is.

const everyMs = 30_000;
const most = 10_000;

/** Returns what to call at each sign of use; `write` may fail, which loses one note. */
export function activityNotes(write: (sessionId: string, at: Date) => Promise<void>): (sessionId: string) => void {
  const notedAt = new Map<string, number>();
  return (sessionId) => {
    const last = notedAt.get(sessionId);
    if (last !== undefined && performance.now() - last < everyMs) return;
    if (notedAt.size >= most) notedAt.clear();
    notedAt.set(sessionId, performance.now());
    write(sessionId, new Date()).catch(() => notedAt.delete(sessionId));
  };
}
