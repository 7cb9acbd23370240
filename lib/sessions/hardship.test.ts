// What must hold when something around a session is gone: its template, its cluster, its person's account.
import { afterEach, describe, expect, it } from "vitest";
import { forgetOnce } from "@/dev/forget-once";
import { useDatabase } from "@/dev/test-database";
import { look, person, request, useFakeCluster } from "@/dev/test-sessions";
import { clusterConfig, config } from "@/lib/config";
import { db } from "@/lib/db";
import { PortalError } from "@/lib/errors";
import { health } from "@/lib/health";
import { refreshFacts } from "@/lib/reconciler/refresh-facts";
import { newMemory, tick } from "@/lib/reconciler/tick";
import { SENTINELS } from "@/lib/scheduler/fake";
import type { Job } from "@/lib/scheduler/scheduler";
import { createSession } from "@/lib/sessions/create-session";
import { getSession, listSessions } from "@/lib/sessions/list-sessions";
import { readLog } from "@/lib/sessions/read-log";
import { stopSession } from "@/lib/sessions/stop-session";

useDatabase();
const { scheduler } = useFakeCluster();
const { jobs, control, facts } = scheduler;
afterEach(() => {
  Object.assign(scheduler, { jobs, control, facts });
  clusterConfig("hpc").poll = "all";
});

const rowOf = (id: string) => db().session.findUniqueOrThrow({ where: { id } });

const started = async (id: string) => (await rowOf(id)).startedAt !== null;

describe("where the poller sees only its own jobs", () => {
  it("one person who cannot be asked holds up nobody else, and is not taken for gone", async () => {
    clusterConfig("hpc").poll = "per-user";
    const [ann, ben] = [await person("ann"), await person("ben")];
    const hers = await createSession(ann, request(), "hers");
    const his = await createSession(ben, request(), "his");
    await look(async () => (await started(hers.id)) && (await started(his.id)));
    await db().session.update({ where: { id: his.id }, data: { absentSince: new Date(0) } });
    scheduler.jobs = async (query) => {
      if (query.owner === "ben") throw new Error("sshd knows no ben");
      return jobs(query);
    };
    scheduler.fake.end(hers.jobId ?? "", { end: "finished" });
    await look(async () => (await rowOf(hers.id)).state === "ended");
    expect(await rowOf(his.id)).toMatchObject({ state: "starting", absentSince: null });
    expect((await db().clusterSnapshot.findUniqueOrThrow({ where: { cluster: "hpc" } })).failedSince).toBeNull();
  });

  it("one person whose login hangs holds up nobody else, and is not asked again before it has answered", async () => {
    clusterConfig("hpc").poll = "per-user";
    const [eve, flo] = [await person("eve"), await person("flo")];
    const hers = await createSession(eve, request(), "hangs");
    const others = await createSession(flo, request(), "goes-on");
    let asked = 0;
    const answer = Promise.withResolvers<Job[]>();
    scheduler.jobs = (query) => {
      if (query.owner !== "eve") return jobs(query);
      asked += 1;
      return answer.promise;
    };
    await look(() => started(others.id));
    expect([await started(hers.id), asked]).toEqual([false, 1]);
    // Slow as she is, she is seen.
    answer.resolve(await jobs({ owner: "eve" }));
    await look(() => started(hers.id));
  });

  it("when nobody can be asked, the scheduler is silent", async () => {
    clusterConfig("hpc").poll = "per-user";
    await createSession(await person("cid"), request(), "nobody");
    scheduler.jobs = async () => Promise.reject(new Error("no"));
    await tick("hpc", newMemory());
    const { failedSince } = await db().clusterSnapshot.findUniqueOrThrow({ where: { cluster: "hpc" } });
    expect(failedSince).not.toBeNull();
    // A restart of the portal is not the beginning of the silence.
    await tick("hpc", newMemory());
    expect((await db().clusterSnapshot.findUniqueOrThrow({ where: { cluster: "hpc" } })).failedSince).toEqual(
      failedSince,
    );
  });
});

describe("what is said of a cluster", () => {
  const snapshot = () => db().clusterSnapshot.findUniqueOrThrow({ where: { cluster: "hpc" } });
  const answered = (ago: number) => {
    const fresh = { failedSince: null, error: null, answeredAt: new Date(Date.now() - ago) };
    return db().clusterSnapshot.upsert({
      where: { cluster: "hpc" },
      update: fresh,
      create: { cluster: "hpc", ...fresh },
    });
  };

  it("is not that it is silent, while its queue answers and only its facts do not", async () => {
    scheduler.facts = async () => Promise.reject(new PortalError("cluster", "scontrol failed."));
    await answered(1000);
    await refreshFacts("hpc");
    expect((await snapshot()).failedSince).toBeNull();
    await answered(600_000);
    await refreshFacts("hpc");
    expect(await snapshot()).toMatchObject({ failedSince: expect.any(Date), error: "scontrol failed." });
  });

  it("is not that all is well when nobody has asked it for long", async () => {
    forgetOnce("cluster-snapshots");
    await answered(1000);
    expect((await health()).checks["cluster hpc"]?.ok).toBe(true);
    forgetOnce("cluster-snapshots");
    await answered(600_000);
    expect((await health()).status).toBe("degraded");
  });
});

describe("a step that fails", () => {
  it("is tried again after growing pauses, not with every look", async () => {
    const dee = await person("dee");
    const made = await createSession(dee, request(), "cannot-cancel");
    let asked = 0;
    scheduler.control = async (_owner, jobId) => {
      // Others' sessions of this file may be ending, too.
      if (jobId === made.jobId) asked += 1;
      throw new Error("The account is gone.");
    };
    await stopSession(dee, made.id);
    const memory = newMemory();
    asked = 0;
    for (let count = 0; count < 20; count += 1) {
      await tick("hpc", memory);
      await Promise.all(memory.working.values());
    }
    expect(asked).toBeGreaterThan(0);
    expect(asked).toBeLessThan(10);
    scheduler.control = control;
    await look(async () => (await rowOf(made.id)).state === "ended", memory);
  });
});

describe("an app that has not answered yet", () => {
  it("is not blamed for the time in which nobody could ask it", async () => {
    const fay = await person("fay");
    const made = await createSession(fay, request(), "silent-start");
    const memory = newMemory();
    await look(() => started(made.id), memory);
    const long = new Date(Date.now() - 3_600_000);
    const job = (await jobs({})).find(({ id }) => id === made.jobId);
    if (!job) throw new Error("The scheduler does not show the job.");
    const before = { startedAt: long, updatedAt: long };
    await db().session.update({ where: { id: made.id }, data: before });
    const state = async () => {
      await tick("hpc", memory);
      await Promise.all(memory.working.values());
      const { state: now, endReason } = await rowOf(made.id);
      return [now, endReason];
    };
    scheduler.jobs = async () => [{ ...job, startedAt: long, limitAt: job.limitAt }];
    // For an hour there was no answer, or nobody who could ask.
    Object.assign(memory, { lookingSince: long, lookedAt: new Date(Date.now() - 3_000_000) });
    expect(await state()).toEqual(["starting", null]);
    // One look that failed is no such break: had somebody looked for so long, it would be stopped.
    scheduler.jobs = async () => Promise.reject(new PortalError("cluster", "squeue failed."));
    await tick("hpc", memory);
    scheduler.jobs = async () => [{ ...job, startedAt: long, limitAt: job.limitAt }];
    memory.lookingSince = long;
    await db().session.update({ where: { id: made.id }, data: before });
    expect(await state()).toEqual(["stopping", "start-timeout"]);
    scheduler.jobs = jobs;
  });
});

describe("a session whose template is gone", () => {
  it("is shown, goes on, and can be stopped", async () => {
    const eve = await person("eve");
    const made = await createSession(eve, request(), "no-template");
    const long = new Date(Date.now() - 3_600_000);
    await look(() => started(made.id));
    await db().session.update({ where: { id: made.id }, data: { template: "gone", startedAt: long } });
    const job = (await jobs({})).find(({ id }) => id === made.jobId);
    if (!job) throw new Error("The scheduler does not show the job.");
    scheduler.jobs = async () => [{ ...job, startedAt: long }];
    const memory = newMemory();
    await tick("hpc", memory);
    await Promise.allSettled(memory.working.values());
    expect((await getSession(eve, made.id)).templateTitle).toBe("gone");
    expect((await rowOf(made.id)).state).toBe("starting");
    scheduler.jobs = jobs;
    await stopSession(eve, made.id);
    await look(async () => (await rowOf(made.id)).state === "ended");
  });
});

describe("a session whose cluster is no longer in portal.yaml", () => {
  it("is shown as out of date, stops nothing else, and is not called missing", async () => {
    const fin = await person("fin");
    const made = await createSession(fin, request(), "no-cluster");
    await db().session.update({ where: { id: made.id }, data: { cluster: "removed" } });
    const { items } = await listSessions(fin, { limit: 10 });
    expect(items[0]?.staleSince).not.toBeNull();
    expect(Object.keys((await health()).checks)).toEqual([
      "database",
      ...config().clusters.map((c) => `cluster ${c.name}`),
    ]);
    await expect(readLog(fin, made.id, 10)).rejects.toMatchObject({ code: "cluster" });
    expect((await stopSession(fin, made.id)).state).toBe("stopping");
    await tick("hpc", newMemory());
  });
});

describe("every end", () => {
  it("leaves a usage record, also of a session that never had a job", async () => {
    const gus = await person("gus");
    const rejected = await createSession(gus, request({ partition: SENTINELS.rejects }), "usage-rejected");
    const lost = await createSession(gus, request({ partition: SENTINELS.unknownLost }), "usage-unsubmitted");
    await stopSession(gus, lost.id);
    await db().session.update({ where: { id: lost.id }, data: { submittedAt: new Date(Date.now() - 60_000) } });
    await look(async () => (await rowOf(lost.id)).state === "ended");
    const records = await db().usageRecord.findMany({ where: { sessionId: { in: [rejected.id, lost.id] } } });
    expect(records.map(({ seconds }) => seconds)).toEqual([0, 0]);
  });

  it("counts what a job ran before it was requeued", async () => {
    const kim = await person("kim");
    const made = await createSession(kim, request(), "usage-requeued");
    await look(() => started(made.id));
    await db().session.update({ where: { id: made.id }, data: { earlierSeconds: 9000 } });
    scheduler.fake.end(made.jobId ?? "", { end: "finished" });
    await look(async () => (await rowOf(made.id)).state === "ended");
    const { seconds } = await db().usageRecord.findUniqueOrThrow({ where: { sessionId: made.id } });
    expect(seconds).toBeGreaterThanOrEqual(9000);
  });

  it("by somebody else than the owner does not say that the owner did it", async () => {
    const [ida, ops] = [await person("ida"), await person("ops")];
    const made = await createSession(ida, request(), "by-staff");
    await stopSession({ ...ops, roles: ["operator"] }, made.id);
    await look(async () => (await rowOf(made.id)).state === "ended");
    expect(await getSession(ida, made.id)).toMatchObject({
      endReason: "stopped",
      endDetail: "Your support stopped it.",
    });
  });

  it("at the deadline is told as that, also when the job's own word cannot be read", async () => {
    const jan = await person("jan");
    const made = await createSession(jan, request(), "deadline-unread");
    await look(() => started(made.id));
    await db().session.update({ where: { id: made.id }, data: { endsAt: new Date(Date.now() - 1000) } });
    scheduler.fake.end(made.jobId ?? "", { end: "finished" });
    await look(async () => (await rowOf(made.id)).state === "ended");
    expect((await getSession(jan, made.id)).endReason).toBe("deadline");
  });
});
