// The link that asks for the same again, with what made the last one fail mended.
import { requestSearch } from "@/components/requests/url-state";
import { paths } from "@/lib/paths";
import { nextMemoryGiB } from "@/lib/sessions/rules";
import type { SessionView } from "@/lib/sessions/schema";

/** Memory to ask for after "out of memory", in GiB; null when memory was not the reason. */
export function moreMemoryGiB(session: Pick<SessionView, "endReason" | "request">): number | null {
  return session.endReason === "out-of-memory" ? nextMemoryGiB(session.request.memoryGiB) : null;
}

export function launchAgainHref(session: Pick<SessionView, "endReason" | "request">): string {
  const memoryGiB = moreMemoryGiB(session);
  const search = requestSearch(session.request, memoryGiB ? { memoryGiB } : {});
  return `${paths.compose(session.request.template)}?${search}`;
}
