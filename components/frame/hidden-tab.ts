// A hidden tab gives its event stream up after a while: over HTTP/1.1 a browser opens six connections to a host, so six
// hidden tabs would keep a seventh from loading. A tab whose title tells that a session is on its way keeps its stream.
import type { QueryClient } from "@tanstack/react-query";
import type { keepStream } from "@/components/frame/event-stream";
import { sessionKeys } from "@/components/sessions/queries";
import { can } from "@/lib/sessions/rules";
import type { SessionView } from "@/lib/sessions/schema";

/** How long a tab is hidden before its stream is closed: who goes back and forth between two tabs keeps both. */
export const hiddenMs = 15_000;

type Stream = Pick<ReturnType<typeof keepStream>, "wake" | "close">;

/** True while this tab shows a session that is on its way. One that is ready stays so for hours, and is asked after each minute. */
export function showsSession(client: QueryClient): boolean {
  const shown = client.getQueryCache().findAll({ queryKey: sessionKeys.every, type: "active" });
  return shown.some(({ queryKey }) => {
    // Below the same key are other things of a session, its log for one.
    const [, id, more] = queryKey;
    const session = more === undefined ? client.getQueryData<SessionView>(sessionKeys.one(String(id))) : undefined;
    return session !== undefined && can(session, "stop").allowed && !can(session, "open").allowed;
  });
}

/** Closes `stream` once the tab was hidden for `hiddenMs` and it is not `needed`; wakes it as soon as the tab is seen. */
export function hiddenTab(stream: Stream, needed: () => boolean) {
  let hiddenAt = Date.now();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = () => {
    if (needed()) timer = setTimeout(look, hiddenMs);
    else stream.close();
  };
  const forget = () => clearTimeout(timer);
  return {
    changed(isHidden: boolean) {
      forget();
      if (!isHidden) return stream.wake(Date.now() - hiddenAt);
      hiddenAt = Date.now();
      timer = setTimeout(look, hiddenMs);
    },
    forget,
  };
}
