import { describe, expect, it } from "vitest";
import { changes } from "@/components/sessions/changes";
import type { EndReason, SessionState, SessionView } from "@/lib/sessions/schema";

/** Only identity and state matter here. */
const session = (id: string, state: SessionState, endReason: EndReason | null = null) =>
  ({ id, state, endReason }) as SessionView;

describe("what changed between two looks", () => {
  it("is a session in another state, by what that means to the person", () => {
    const before = [session("a", "starting"), session("b", "ready"), session("c", "ready"), session("d", "queued")];
    const after = [
      session("a", "ready"),
      session("b", "ended", "out-of-memory"),
      session("c", "ended", "stopped"),
      session("d", "starting"),
    ];
    expect(changes(before, after).map(({ kind }) => kind)).toEqual(["ready", "failed", "ended", "step"]);
  });

  it("is nothing when nothing changed, and a new session is no news to who made it", () => {
    expect(changes([session("a", "ready")], [session("b", "queued"), session("a", "ready")])).toEqual([]);
  });
});
