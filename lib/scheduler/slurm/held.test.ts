import { describe, expect, it } from "vitest";
import { parseQueue } from "./queue";

const MARK = "0123456789abcdef01234567";

/** A waiting job as squeue prints it: submitted at 100, forecast for 200, priority 5. */
function waiting(reason: string) {
  const fields = [
    "7",
    "alice",
    "PENDING",
    "100",
    "200",
    "300",
    "10:00",
    "5",
    "",
    "",
    "cpu",
    "normal",
    reason,
    "research",
  ];
  const text = `${MARK}${[...fields, "berth-a000000000000001"].join(MARK)}${MARK}\n`;
  return parseQueue(text, MARK, true)[0];
}

describe("a job that only a release starts", () => {
  // Seen with 22.05.8 after `scontrol requeuehold`: pending, with a priority and a time.
  it.each(["job requeued in held state", "launch failed requeued held", "JobHeldAdmin", "JobHeldUser"])(
    "is held where Slurm says `%s`: without a place in the queue or a forecast",
    (reason) => expect(waiting(reason)).toMatchObject({ state: "held", position: null, expectedStartAt: null }),
  );

  it("is none that waits for its turn", () => {
    const forecast = { state: "queued", position: 1, expectedStartAt: new Date(200_000) };
    expect(waiting("Priority")).toMatchObject(forecast);
  });
});
