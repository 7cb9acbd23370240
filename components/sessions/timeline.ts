// What happened to a session, in order, from its instants. Pure.
import { endTone } from "@/components/sessions/state-chip";
import type { SessionView } from "@/lib/sessions/schema";

export type Moment = {
  kind: "asked" | "queued" | "started" | "ready" | "stopRequested" | "ended";
  at: string | null;
  /** done: over; now: what it is at; next: still to come; bad: how it ended badly. */
  mark: "done" | "now" | "next" | "bad";
};

const order = ["asked", "queued", "started", "ready"] as const;

/** Steps that took place, then, while it lives, those still to come. */
export function moments(session: SessionView): Moment[] {
  const { submittedAt, queuedAt, startedAt, readyAt, stopRequestedAt, endedAt } = session;
  const at = { asked: submittedAt, queued: queuedAt, started: startedAt, ready: readyAt };
  const happened = order
    .filter((kind) => at[kind] !== null)
    .map((kind): Moment => ({ kind, at: at[kind], mark: "done" }));
  if (stopRequestedAt) happened.push({ kind: "stopRequested", at: stopRequestedAt, mark: "done" });
  if (endedAt) {
    const bad = endTone(session.endReason) === "bad";
    return [...happened, { kind: "ended", at: endedAt, mark: bad ? "bad" : "done" }];
  }
  const last = happened.at(-1);
  if (last) last.mark = "now";
  if (stopRequestedAt) return [...happened, { kind: "ended", at: null, mark: "next" }];
  const reached = order.findLastIndex((kind) => at[kind] !== null);
  return [...happened, ...order.slice(reached + 1).map((kind): Moment => ({ kind, at: null, mark: "next" }))];
}
