import { describe, expect, it } from "vitest";
import { endPatch, endToldByJob } from "@/lib/reconciler/end-of-job";
import type { Job } from "@/lib/scheduler/scheduler";
import type { SessionRow } from "@/lib/sessions/store";

const now = new Date("2026-03-01T12:00:00Z");
// Only these columns decide.
const row = {
  request: { minutes: 60, memoryGiB: 2 },
  endReason: null,
  stopRequestedAt: null,
  startedAt: null,
  endsAt: null,
} as unknown as SessionRow;
// As Slurm tells of a batch script that ended with an error.
const failed = {
  state: "ended",
  end: "failed",
  native: { state: "FAILED", reason: "NonZeroExitCode", exitCode: 1, signal: null },
  nodes: ["cpu1"],
  startedAt: now,
  endedAt: now,
  cancelledBy: null,
} as unknown as Job;

const told = (reason: string, code: number, job = failed) =>
  endPatch(row, job, { ended: { reason, code }, now, startTimeoutSeconds: 60, silent: false });

describe("a job that could not start its app", () => {
  it.each([
    ["folder", 66, /folder to start in is not there/],
    ["modules", 72, /module could not be loaded/],
    ["scratch", 73, /scratch space could not be made/],
    ["disk", 74, /disk or your quota is full/],
    ["door", 71, /guard in front of the app ended/],
  ])("and writes down %s has a sentence that says what to do", (reason, code, sentence) => {
    const patch = told(reason, code);
    expect(patch.endReason).toBe("failed");
    expect(patch.endDetail).toMatch(sentence);
    expect(patch.endDetail).not.toContain("exit code");
  });
});

describe("a job that could write down nothing", () => {
  const end = (exitCode: number, ended: { reason: string; code: number } | null) =>
    endPatch(
      row,
      { ...failed, native: { ...failed.native, exitCode } },
      { ended, now, startTimeoutSeconds: 60, silent: false },
    );
  it("says by its exit code that the disk is full, unless that is the app's own", () => {
    expect(end(74, null).endDetail).toMatch(/disk or your quota is full/);
    expect(end(1, { reason: "failed", code: 74 }).endDetail).toContain("exit code 74");
  });
});

describe("a job whose folder cannot be opened on its node", () => {
  const end = (native: object, ended?: { reason: string; code: number } | null) =>
    endPatch(
      row,
      { ...failed, native: { ...failed.native, ...native } },
      { ended, now, startTimeoutSeconds: 60, silent: false },
    ).endDetail;
  it.each([
    ["slurmd", { exitCode: 0, signal: 53, reason: "RaisedSignal:53(Real-time_signal_19)" }],
    ["the job itself", { exitCode: 70, signal: null }],
  ])("as %s says, is told so, and sends nobody to a log that is not there", (_who, native) => {
    expect(end(native, null)).toMatch(/^Its folder could not be opened on the node cpu1: .* ask your support\.$/);
  });
  it("is not what an app says with the same numbers", () => {
    expect(end({ exitCode: 70 }, { reason: "failed", code: 70 })).toContain("failed with exit code 70");
    expect(end({ exitCode: 70 }, undefined), "its files cannot be read").toContain("failed with exit code 70");
    expect(end({ exitCode: 0, signal: 9 }, null)).toContain("signal 9");
  });
});

describe("an app that failed", () => {
  it("is told by its own exit code, not by the batch script's", () => {
    expect(told("failed", 3).endDetail).toBe("The app failed with exit code 3. The end of its log says more.");
  });
  it("for want of what was asked for says that", () => {
    expect(told("failed", 66).endDetail).toMatch(/folder or file that was asked for is not there/);
  });
  it("with a word that nobody knows keeps its exit code", () => {
    expect(told("constructor", 9).endDetail).toContain("exit code 9");
  });
});

describe("a job that saw its own processes killed for memory", () => {
  it("ends out of memory where the scheduler speaks of a failure only", () => {
    expect(told("out-of-memory", 137)).toMatchObject({
      endReason: "out-of-memory",
      endDetail: "It needed more than the 2 GiB asked for. Launch it again with more memory.",
    });
  });
});

describe("a job that the scheduler's limit ended", () => {
  const limit = { ...failed, end: "time-limit", native: { ...failed.native, state: "TIMEOUT" } } as Job;
  const endingIn = (seconds: number) => ({ ...row, endsAt: new Date(now.getTime() + seconds * 1000) });
  const end = (session: SessionRow) =>
    endPatch(session, limit, {
      ended: { reason: "terminated", code: 143 },
      ...{ now, startTimeoutSeconds: 60, silent: false },
    });
  it("when the time that was asked for was over, too, ended at its deadline", () => {
    expect(end(endingIn(-1))).toMatchObject({ endReason: "deadline", endDetail: "The 1 h asked for were over." });
  });
  it("earlier than that ended at the limit", () => {
    expect(end(endingIn(60)).endReason).toBe("time-limit");
  });
});

describe("a job that was requeued, ran again and ended while nobody looked", () => {
  const at = (clock: string) => new Date(`2026-03-01T${clock}:00Z`);
  const before = { ...row, state: "ready", startedAt: at("01:00"), endsAt: at("02:00"), earlierSeconds: 0 };
  const again = { ...failed, end: "finished", submittedAt: at("02:00"), startedAt: at("06:00"), endedAt: at("06:30") };
  const end = (job: object) =>
    endPatch(before, { ...failed, ...job } as Job, { ended: null, now, startTimeoutSeconds: 60, silent: false });
  it("used what it ran, not what it waited", () => {
    expect(end(again)).toMatchObject({ startedAt: at("06:00"), earlierSeconds: 3600 });
  });
  it("is not at the deadline of its first start", () => {
    expect(end(again)).toMatchObject({ endReason: "finished", endsAt: at("07:00") });
  });
  it("used what it ran before, when it never ran again", () => {
    const pending = { end: "cancelled", submittedAt: at("02:00"), startedAt: null, endedAt: at("05:00") };
    expect(end(pending)).toMatchObject({ startedAt: null, earlierSeconds: 3600 });
  });
  it("is counted from its one start otherwise", () => {
    const once = { end: "failed", submittedAt: at("00:30"), startedAt: at("01:00"), endedAt: at("01:40") };
    expect(end(once)).toMatchObject({ startedAt: at("01:00"), earlierSeconds: 0 });
    expect(end({ ...once, startedAt: null })).toMatchObject({ startedAt: at("01:00"), earlierSeconds: 0 });
  });
});

describe("a job that no scheduler remembers", () => {
  const gone = { ...row, endsAt: now, absentSince: new Date(now.getTime() + 600_000) };
  const end = (reason: string, code: number, session: SessionRow = gone) =>
    endToldByJob(session, { reason, code }, { now, startTimeoutSeconds: 60, silent: true });
  it.each([
    ["deadline", 0, "deadline"],
    ["finished", 0, "finished"],
    ["failed", 3, "failed"],
    ["out-of-memory", 137, "out-of-memory"],
    ["terminated", 143, "cancelled"],
  ])("and wrote down %s %i ended with that", (reason, code, expected) => {
    expect(end(reason, code)).toMatchObject({ state: "ended", endReason: expected, endWords: null, endedAt: now });
  });
  it("and was to be stopped was stopped", () => {
    expect(end("terminated", 143, { ...gone, stopRequestedAt: now }).endReason).toBe("stopped");
  });
});
