import { expect, it } from "vitest";
import { nextLookSeconds } from "@/lib/reconciler/tick";
import type { SessionRow } from "@/lib/sessions/store";

const now = new Date("2026-03-01T12:00:00Z");
const waits = { busyPollSeconds: 2.5, quietPollSeconds: 30 };
/** As much of a row as counts here. */
const ready = (secondsLeft: number | null, absentSince: Date | null = null) =>
  ({
    state: "ready",
    absentSince,
    endsAt: secondsLeft === null ? null : new Date(now.getTime() + secondsLeft * 1000),
  }) as SessionRow;

it.each([
  ["nothing is open", [], 30],
  ["an app has hours left", [ready(7200)], 30],
  ["nobody knows when it ends", [ready(null)], 30],
  ["its time is over in ten seconds", [ready(7200), ready(10)], 10],
  ["its time is just over", [ready(-20)], 2.5],
  ["its time was over long ago, as of a suspended job", [ready(-3600)], 30],
  ["a job was not seen", [ready(7200, now)], 2.5],
])("looks again in time when %s", (_when, rows, seconds) => {
  expect(nextLookSeconds(rows, now, waits)).toBe(seconds);
});
