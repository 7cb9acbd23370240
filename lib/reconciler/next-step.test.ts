import { describe, expect, it } from "vitest";
import { nextStep, type Step, unseenStep } from "@/lib/reconciler/next-step";
import type { Job } from "@/lib/scheduler/scheduler";
import type { SessionRow } from "@/lib/sessions/store";

const now = new Date("2026-03-01T12:00:00Z");
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1000);
const waits = { lookApartSeconds: 60, absenceSeconds: 300, startTimeoutSeconds: 120 };

function row(given: Partial<SessionRow>): SessionRow {
  const empty = {
    id: "abcdefghij012345",
    ownerId: "u1",
    idempotencyKey: "k",
    requestHash: "h",
    name: "n",
    template: "jupyter",
    templateVersion: "1",
    cluster: "hpc",
    unixAccount: "alice",
    request: { minutes: 60 },
    nodes: 1,
    cpus: 1,
    memoryGiB: 1,
    gpus: 0,
    state: "queued",
    endReason: null,
    endDetail: null,
    endWords: null,
    jobId: "7",
    partition: "cpu",
    account: null,
    directory: "/d",
    scratch: null,
    node: null,
    nodeAddress: null,
    port: null,
    secretSealed: null,
    connectionId: null,
    submittedAt: ago(600),
    queuedAt: ago(599),
    startedAt: null,
    readyAt: null,
    earlierSeconds: 0,
    endsAt: null,
    limitAt: null,
    stopRequestedAt: null,
    endedAt: null,
    lastActivityAt: null,
    native: null,
    queue: null,
    logTail: null,
    looks: 0,
    lastLookAt: null,
    submitTries: 0,
    absentSince: null,
    cleanedAt: null,
    cleanTries: 0,
    nextCleanAt: null,
    revision: 3,
    updatedAt: ago(1),
  };
  return { ...empty, ...given } as SessionRow; // A literal cannot satisfy Prisma's JSON types; the fields are all there.
}

function job(given: Partial<Job>): Job {
  return {
    id: "7",
    tag: "berth-abcdefghij012345",
    owner: "alice",
    state: "queued",
    native: { state: "PENDING", reason: "Resources", exitCode: null, signal: null },
    partition: "cpu",
    account: null,
    qos: null,
    nodes: [],
    submittedAt: ago(600),
    startedAt: null,
    limitAt: null,
    endedAt: null,
    expectedStartAt: null,
    position: 2,
    end: null,
    cancelledBy: null,
    ...given,
  };
}

const step = (session: Partial<SessionRow>, found: Job | null, lookingSince = ago(3600)): Step =>
  nextStep(row(session), found, { now, waits, lookingSince });
const native = { state: "RUNNING", reason: "None", exitCode: null, signal: null };
const runningJob = job({ state: "running", native, startedAt: ago(30), nodes: ["cpu1"], limitAt: ago(-7000) });
const startedRow = { native, startedAt: ago(30), limitAt: ago(-7000), endsAt: ago(-3570), node: "cpu1" };

describe("a submit whose answer is not known", () => {
  const unknown = { state: "submitting", jobId: null } as const;
  it("is left alone while another process may be in the middle of it", () => {
    expect(step({ ...unknown, submittedAt: ago(1) }, null).do).toBe("nothing");
  });
  it("is looked for, and looked for again a minute later", () => {
    expect(step(unknown, null).do).toBe("look");
    expect(step({ ...unknown, looks: 1, lastLookAt: ago(59) }, null).do).toBe("nothing");
    expect(step({ ...unknown, looks: 1, lastLookAt: ago(60) }, null).do).toBe("look");
  });
  it("is handed over again as soon as two looks were empty, not another minute later", () => {
    expect(step({ ...unknown, looks: 2, lastLookAt: ago(0) }, null).do).toBe("submit");
  });
  it("is given up after three submits", () => {
    expect(step({ ...unknown, looks: 2, lastLookAt: ago(60), submitTries: 2 }, null).do).toBe("end-unsubmitted");
  });
  it("is never handed over again when the person wants it stopped", () => {
    expect(step({ ...unknown, state: "stopping", looks: 2, lastLookAt: ago(60) }, null).do).toBe("end-unsubmitted");
  });
  it("adopts the job that the queue shows", () => {
    const found = step(unknown, job({ id: "9" }));
    expect(found).toMatchObject({ do: "change", patch: { state: "queued", jobId: "9" }, event: "session.adopted" });
  });
  it("adopts and goes on stopping when it was to be stopped", () => {
    expect(step({ ...unknown, state: "stopping" }, job({ id: "9" }))).toMatchObject({
      patch: { state: "stopping", jobId: "9" },
    });
  });
});

describe("a job that the queue does not show", () => {
  it("costs accounting a question now and then, not with every look at the queue", () => {
    const absent = { ...startedRow, state: "ready", absentSince: ago(100) } as const;
    expect(step({ ...absent, lastLookAt: ago(14) }, null).do).toBe("nothing");
    expect(step({ ...absent, lastLookAt: ago(15) }, null).do).toBe("check-absence");
  });
  it.each(["queued", "starting", "ready", "stopping"] as const)("is not ended for it when %s", (state) => {
    expect(step({ ...startedRow, state }, null).do).toBe("check-absence");
  });
  it("is no longer absent once it is seen again", () => {
    expect(step({ ...startedRow, state: "ready", absentSince: ago(200) }, runningJob)).toMatchObject({
      patch: { absentSince: null },
    });
  });
});

describe("a job that waits", () => {
  it("writes down why, where in the queue and since when only when that changed", () => {
    const first = step({}, job({}));
    expect(first).toMatchObject({ do: "change", patch: { queue: { position: 2, reason: "Resources" } } });
    const queue = { reason: "Resources", expectedStartAt: null, position: 2 };
    expect(step({ queue }, job({})).do).toBe("nothing");
    expect(step({ queue }, job({ position: 1 })).do).toBe("change");
  });
  it("that ran before was requeued: its connection is dropped", () => {
    const again = step({ ...startedRow, state: "ready", port: 4000, secretSealed: "s", connectionId: "c" }, job({}));
    expect(again).toMatchObject({
      event: "session.requeued",
      patch: { state: "queued", port: null, secretSealed: null, startedAt: null },
    });
  });
  it("that ran before is charged for that, however often it is requeued", () => {
    const ran = { ...startedRow, state: "ready", startedAt: ago(500), earlierSeconds: 40 } as const;
    expect(step(ran, job({}))).toMatchObject({ patch: { earlierSeconds: 540 } });
    // It was back before anybody saw it wait.
    expect(step(ran, runningJob)).toMatchObject({ patch: { state: "starting", earlierSeconds: 510 } });
    // It has waited since its requeue, whenever that is seen.
    expect(step(ran, job({ submittedAt: ago(400) }))).toMatchObject({ patch: { earlierSeconds: 140 } });
    expect(step(ran, { ...runningJob, submittedAt: ago(400) })).toMatchObject({ patch: { earlierSeconds: 140 } });
    const waits = { state: "queued", startedAt: null, earlierSeconds: 540 } as const;
    expect(step(waits, runningJob)).toMatchObject({ patch: { state: "starting", earlierSeconds: 540 } });
  });
  it("ran no longer than a column can hold, whatever times it was given", () => {
    const forged = { ...startedRow, state: "ready", startedAt: new Date(1000) } as const;
    const far = job({ submittedAt: new Date("2099-01-01") });
    expect(step(forged, far)).toMatchObject({ patch: { earlierSeconds: 2 ** 31 - 1 } });
  });
});

describe("a job that runs", () => {
  it("starts the session on the scheduler's node, with the deadline asked for", () => {
    const started = step({}, runningJob);
    expect(started).toMatchObject({
      patch: { state: "starting", node: "cpu1", startedAt: ago(30), endsAt: ago(30 - 3600) },
    });
  });
  it("is inspected until it is ready", () => {
    expect(step({ ...startedRow, state: "starting" }, runningJob).do).toBe("inspect");
    expect(step({ ...startedRow, state: "ready" }, runningJob).do).toBe("nothing");
  });
  it("is stopped when its app never answers", () => {
    const late = { ...runningJob, startedAt: ago(121) };
    const silent = { ...startedRow, startedAt: ago(121), state: "starting" } as const;
    expect(step({ ...silent, updatedAt: ago(121) }, late)).toMatchObject({
      patch: { state: "stopping", endReason: "start-timeout" },
    });
    // The portal saw it start a second ago: the clocks differ.
    expect(step({ ...silent, updatedAt: ago(1) }, late).do).toBe("inspect");
    // Nobody could ask it until a second ago: the portal was away, or the scheduler.
    expect(step({ ...silent, updatedAt: ago(121) }, late, ago(1)).do).toBe("inspect");
  });
  it("that is suspended says so, and its app is not blamed for its silence", () => {
    const suspended = { ...runningJob, state: "suspended", native: { ...native, state: "SUSPENDED" } } as const;
    expect(step({ ...startedRow, state: "ready" }, suspended)).toEqual({
      ...{ do: "change", patch: { native: suspended.native }, event: null },
    });
    const known = { ...startedRow, native: suspended.native, startedAt: ago(600), updatedAt: ago(500) };
    const since = { ...suspended, startedAt: ago(600) };
    expect(step({ ...known, state: "starting" }, since).do).toBe("nothing");
    expect(step({ ...known, state: "starting" }, { ...runningJob, startedAt: ago(600) })).toMatchObject({
      patch: { native: { state: "RUNNING" } },
    });
  });
  it("is ended by the portal when it did not end itself at its deadline", () => {
    expect(step({ ...startedRow, state: "ready", endsAt: ago(80) }, runningJob).do).toBe("nothing");
    expect(step({ ...startedRow, state: "ready", endsAt: ago(91) }, runningJob)).toMatchObject({
      patch: { state: "stopping", endReason: "deadline" },
    });
  });
  it("that was suspended has that time at its end, and is not ended for it while it stands still", () => {
    const over = { ...startedRow, state: "ready", startedAt: ago(3800), endsAt: ago(200) } as const;
    const suspended = { ...runningJob, startedAt: ago(3800), state: "suspended" } as const;
    expect(step(over, suspended).do).toBe("nothing");
    const again = { ...runningJob, startedAt: ago(3800), suspendedSeconds: 300, limitAt: ago(-7300) };
    const later = { limitAt: ago(-7300), endsAt: ago(-100) };
    expect(step(over, again)).toEqual({ do: "change", patch: later, event: null });
    expect(step({ ...over, ...later }, again).do).toBe("nothing");
  });
  it("that was only stopped keeps its processors, and is ended for its deadline", () => {
    const over = { ...startedRow, state: "ready", startedAt: ago(3800), endsAt: ago(200) } as const;
    const stopped = { ...native, state: "STOPPED" };
    const job = { ...runningJob, startedAt: ago(3800), state: "suspended", native: stopped } as const;
    expect(step(over, job)).toMatchObject({ patch: { state: "stopping", endReason: "deadline" } });
    expect(step({ ...over, endsAt: ago(80), native: stopped }, job).do).toBe("nothing");
  });
  it("with another start than recorded has been restarted: it begins anew", () => {
    expect(step({ ...startedRow, state: "ready", startedAt: ago(500) }, runningJob)).toMatchObject({
      patch: { state: "starting", connectionId: null },
    });
  });
  it("under another id than the row's is the one that holds the claim: it is adopted", () => {
    const other = { ...runningJob, id: "8" };
    expect(step({ ...startedRow, state: "ready" }, other)).toMatchObject({ patch: { state: "queued", jobId: "8" } });
  });
  it("also when the row knows no id is cancelled under its own once the session has ended", () => {
    expect(step({ state: "ended", jobId: null }, runningJob)).toEqual({ do: "cancel", jobIds: ["7"] });
  });
  it("is cancelled, again and again, while the session is stopping", () => {
    expect(step({ ...startedRow, state: "stopping" }, runningJob).do).toBe("cancel");
    expect(step({ ...startedRow, state: "stopping" }, { ...runningJob, state: "completing" }).do).toBe("nothing");
  });
});

describe("what was to stop of a person who is not let in", () => {
  const unseen = (given: Partial<SessionRow>) => unseenStep(row({ state: "stopping", ...given }), now);
  it("ends an hour after its hard limit, and a week after the stop where it has none", () => {
    const [stopped, week] = [{ stopRequestedAt: ago(700_000) }, 7 * 86_400];
    expect(unseen({ ...stopped, limitAt: ago(3600) }).do).toBe("nothing");
    expect(unseen({ ...stopped, limitAt: ago(3601) })).toEqual({ do: "end-unseen", endedAt: ago(3601) });
    expect(unseen({ stopRequestedAt: ago(week) }).do).toBe("nothing");
    expect(unseen({ stopRequestedAt: ago(week + 1) })).toEqual({ do: "end-unseen", endedAt: ago(week + 1) });
    // A job that nobody sees may run all the same: it is cancelled before anything is cleaned.
    expect(unseen({ stopRequestedAt: ago(week + 1), state: "ended" }).do).toBe("nothing");
    expect(unseen({}).do).toBe("nothing");
  });
});

describe("a job that ended", () => {
  const over = job({ state: "ended", end: "finished", endedAt: ago(2) });
  it.each(["queued", "starting", "ready", "stopping"] as const)("finishes the session when %s", (state) => {
    expect(step({ state }, over).do).toBe("finish");
  });
  it("leaves cleaning to do, until that is done or while a pause is on", () => {
    expect(step({ state: "ended" }, over).do).toBe("clean");
    expect(step({ state: "ended", nextCleanAt: ago(-10) }, over).do).toBe("nothing");
  });
  it("but still runs is cancelled: nothing may leak", () => {
    expect(step({ state: "ended" }, runningJob)).toEqual({ do: "cancel", jobIds: ["7"] });
  });
});
