// The link that asks for the same again, with what made the last one fail mended.
import { requestSearch } from "@/components/requests/url-state";
import { paths } from "@/lib/paths";
import { nextMemoryGiB } from "@/lib/sessions/rules";
import type { SessionView } from "@/lib/sessions/schema";

/** Memory to ask for after "out of memory", in GiB; null when memory was not the reason. */
export function moreMemoryGiB(session: Pick<SessionView, "endReason" | "request">): number | null {
  return session.endReason === "out-of-memory" ? nextMemoryGiB(session.request.memoryGiB) : null;
}

type Ended = Pick<SessionView, "endReason" | "endWords" | "request">;

/** The constraint that the scheduler refused: the same once more would be refused again. */
export function refusedConstraint({ endReason, endWords, request }: Ended): string | null {
  const isRefused = endReason === "rejected" && /invalid (preferred )?feature/i.test(endWords ?? "");
  return isRefused ? (request.constraint ?? null) : null;
}

export function launchAgainHref(session: Ended): string {
  const memoryGiB = moreMemoryGiB(session);
  const constraint = refusedConstraint(session) ? { constraint: undefined } : {};
  const search = requestSearch(session.request, { ...(memoryGiB ? { memoryGiB } : {}), ...constraint });
  return `${paths.compose(session.request.template)}?${search}`;
}
