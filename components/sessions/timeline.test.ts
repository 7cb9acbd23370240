import { describe, expect, it } from "vitest";
import { moments } from "@/components/sessions/timeline";
import type { SessionView } from "@/lib/sessions/schema";

const minute = (value: number) => new Date(Date.UTC(2026, 10, 22, 10, value)).toISOString();

/** Only the instants matter here. */
const session = (instants: Partial<SessionView>) =>
  ({
    submittedAt: minute(0),
    queuedAt: null,
    startedAt: null,
    readyAt: null,
    stopRequestedAt: null,
    endedAt: null,
    endReason: null,
    ...instants,
  }) as SessionView;

const told = (instants: Partial<SessionView>) => moments(session(instants)).map(({ kind, mark }) => `${kind} ${mark}`);

describe("what happened", () => {
  it("shows where a waiting session is and what is to come", () => {
    expect(told({ queuedAt: minute(1) })).toEqual(["asked done", "queued now", "started next", "ready next"]);
  });

  it("has nothing to come once it is ready", () => {
    expect(told({ queuedAt: minute(1), startedAt: minute(2), readyAt: minute(3) }).at(-1)).toBe("ready now");
  });

  it("leaves out steps that never came, and marks a bad end", () => {
    expect(told({ endedAt: minute(1), endReason: "rejected" })).toEqual(["asked done", "ended bad"]);
  });

  it("says that a stop was asked for while the end is to come", () => {
    expect(told({ queuedAt: minute(1), stopRequestedAt: minute(2) })).toEqual([
      "asked done",
      "queued done",
      "stopRequested now",
      "ended next",
    ]);
  });
});
