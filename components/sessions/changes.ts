// What changed between two looks at the same list of sessions. Pure.
import { endTone } from "@/components/sessions/state-chip";
import { can } from "@/lib/sessions/rules";
import type { SessionView } from "@/lib/sessions/schema";

export type Change = {
  session: SessionView;
  /** ready and failed are worth a toast; a step is only spoken; ended was asked for or expected. */
  kind: "ready" | "failed" | "ended" | "step";
};

function kindOf(session: SessionView): Change["kind"] {
  if (can(session, "open").allowed) return "ready";
  if (!can(session, "launch-again").allowed) return "step";
  return endTone(session.endReason) === "bad" ? "failed" : "ended";
}

/** Sessions that were there before and are in another state now. New ones were just made by this person: no news. */
export function changes(before: SessionView[], after: SessionView[]): Change[] {
  const states = new Map(before.map((session) => [session.id, session.state]));
  return after
    .filter((session) => states.has(session.id) && states.get(session.id) !== session.state)
    .map((session) => ({ session, kind: kindOf(session) }));
}
