import { describe, expect, it } from "vitest";
import { byTag, chooseJob } from "@/lib/reconciler/choose-job";
import type { Job } from "@/lib/scheduler/scheduler";
import type { SessionRow } from "@/lib/sessions/store";

const tag = "berth-abcdefghij012345";
// Only these three columns decide.
const row = (jobId: string | null) => ({ id: "abcdefghij012345", unixAccount: "alice", jobId }) as SessionRow;
const at = (second: number) => new Date(Date.UTC(2026, 2, 1, 12, 0, second));

function job(id: string, given: Partial<Job> = {}): Job {
  const nothing = { account: null, qos: null, limitAt: null, endedAt: null, expectedStartAt: null, position: null };
  const native = { state: "PENDING", reason: "Priority", exitCode: null, signal: null };
  const base = { ...nothing, id, tag, owner: "alice", state: "queued" as const, native, partition: "cpu", nodes: [] };
  return { ...base, submittedAt: at(0), startedAt: null, end: null, cancelledBy: null, ...given };
}
const running = (id: string, second: number) => job(id, { state: "running", startedAt: at(second), nodes: ["cpu1"] });
const ended = (id: string, given: Partial<Job> = {}) =>
  job(id, { state: "ended", end: "finished", startedAt: at(1), nodes: ["cpu1"], ...given });

function chosen(jobId: string | null, ...jobs: Job[]) {
  const { job: found, surplus } = chooseJob(row(jobId), byTag(jobs));
  return { id: found?.id ?? null, surplus };
}

describe("the job of a session", () => {
  it("is none of somebody else's that was given the session's name", () => {
    expect(chosen("7", job("7", { owner: "bob" }), job("9", { owner: "bob" }))).toEqual({ id: null, surplus: [] });
  });
  it("is none of another name, whatever its id", () => {
    expect(chosen("7", job("7", { tag: "berth-zzzzzzzzzzzzzzzz" }), job("7", { tag: "mine" })).id).toBeNull();
  });
  it("is found by name while its id is not known", () => {
    expect(chosen(null, job("9"))).toEqual({ id: "9", surplus: [] });
  });
  it("is not the record of a submit that was refused", () => {
    expect(chosen(null, ended("9", { end: "failed", nodes: [], startedAt: null })).id).toBeNull();
  });
});

describe("of two jobs of one session", () => {
  it("the one that runs is it, and the one that waits must go", () => {
    expect(chosen("7", job("7"), running("8", 5))).toEqual({ id: "8", surplus: ["7"] });
    expect(chosen(null, job("7"), running("8", 5))).toEqual({ id: "8", surplus: ["7"] });
  });
  it("that wait, the one that is known is it, else the older", () => {
    expect(chosen("8", job("7"), job("8"))).toEqual({ id: "8", surplus: ["7"] });
    expect(chosen(null, job("10"), job("9"))).toEqual({ id: "9", surplus: ["10"] });
  });
  it("that run, the first to start holds the claim", () => {
    expect(chosen("8", running("7", 5), running("8", 6))).toEqual({ id: "7", surplus: ["8"] });
  });
  it("that started in the same second, none is cancelled: the one without the claim ends by itself", () => {
    expect(chosen("8", running("7", 5), running("8", 5))).toEqual({ id: "8", surplus: [] });
  });
  it("the one that runs goes on when the other has ended for want of the claim", () => {
    expect(chosen("8", running("7", 5), ended("8", { end: "failed" }))).toEqual({ id: "7", surplus: [] });
  });
  it("a copy that waits does not take over from one that has run and ended", () => {
    expect(chosen("7", ended("7"), job("8"))).toEqual({ id: "7", surplus: ["8"] });
  });
});
