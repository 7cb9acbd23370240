import { describe, expect, it } from "vitest";
import { useDatabase } from "@/dev/test-database";
import { person, request, useFakeCluster } from "@/dev/test-sessions";
import type { PersonActor } from "@/lib/actor";
import { describePerson } from "@/lib/auth/describe-person";
import { db } from "@/lib/db";
import { newMemory, tick } from "@/lib/reconciler/tick";
import { SENTINELS } from "@/lib/scheduler/fake";
import { createSession } from "@/lib/sessions/create-session";
import { getSession, listSessions } from "@/lib/sessions/list-sessions";
import { previewSession } from "@/lib/sessions/preview-session";
import type { SessionView } from "@/lib/sessions/schema";
import { stopSession } from "@/lib/sessions/stop-session";
import { tagOf } from "@/lib/templates/to-job-spec";

useDatabase();
const cluster = useFakeCluster();

/** Ticks until the session satisfies `done`. */
async function until(actor: PersonActor, id: string, done: (session: SessionView) => boolean): Promise<SessionView> {
  const memory = newMemory();
  const deadline = performance.now() + 60_000;
  for (;;) {
    await tick("hpc", memory);
    await Promise.all(memory.working.values());
    const session = await getSession(actor, id);
    if (done(session)) return session;
    if (performance.now() > deadline) throw new Error(`still ${session.state} ${session.endReason ?? ""}`);
  }
}
const jobsOf = (id: string) => cluster.scheduler.fake.taken.filter((spec) => spec.tag === tagOf(id)).length;

describe("createSession", () => {
  it("hands the request to the scheduler once and shows it queued", async () => {
    const alice = await person("alice");
    const made = await createSession(alice, request({ name: "my notebook" }), "one");
    expect(made).toMatchObject({ state: "queued", name: "my notebook", unixAccount: "alice" });
    expect(jobsOf(made.id)).toBe(1);
  });

  it("gives the same session for the same key, however often and however parallel", async () => {
    const bob = await person("bob");
    const made = await Promise.all(Array.from({ length: 20 }, () => createSession(bob, request(), "same")));
    expect(new Set(made.map((session) => session.id)).size).toBe(1);
    expect(jobsOf(made[0]?.id ?? "")).toBe(1);
  });

  it("refuses the same key for another request", async () => {
    const alice = await person("alice");
    await createSession(alice, request(), "other");
    for (const other of [request({ cpus: 2 }), request({ template: "nope" })])
      await expect(createSession(alice, other, "other")).rejects.toMatchObject({ code: "conflict" });
  });

  it("keeps a limit of one against twenty parallel wishes with different keys", async () => {
    const quinn = await person("quinn");
    const made = await Promise.allSettled(
      Array.from({ length: 20 }, (_, key) => createSession(quinn, request(), `q${key}`)),
    );
    expect(made.filter((result) => result.status === "fulfilled")).toHaveLength(1);
    const refused = made.find((result) => result.status === "rejected");
    expect(refused?.reason).toMatchObject({ code: "denied", fields: { quota: expect.stringContaining("1 session") } });
  });

  it("lets no job be extended beyond a limit on minutes, and says so in the preview", async () => {
    const lena = await person("lena");
    const { id } = await createSession(lena, request({ minutes: 30 }), "limited");
    const spec = cluster.scheduler.fake.taken.find(({ tag }) => tag === tagOf(id));
    expect(spec).toMatchObject({ minutes: 30, limitMinutes: 40 });
    expect(await previewSession(lena, request({ minutes: 30 }), false)).toMatchObject({ limitMinutes: 40 });
  });

  it("may be as long as its person's own rule says, and they are told", async () => {
    const quinn = await person("quinn");
    expect((await describePerson(quinn)).minutes).toEqual({ max: 600, source: "limit of person quinn" });
    expect((await describePerson(await person("alice"))).minutes.max).toBeNull();
  });

  it("ends a session that the scheduler rejects, with its words", async () => {
    const carol = await person("carol");
    const made = await createSession(carol, request({ partition: SENTINELS.rejects }), "rejected");
    expect(made).toMatchObject({ state: "ended", endReason: "rejected" });
    expect(made.endWords).toBeTruthy();
  });

  it("knows neither the template nor the cluster of somebody's imagination", async () => {
    const alice = await person("alice");
    await expect(createSession(alice, request({ template: "nope" }), "t")).rejects.toMatchObject({ code: "not_found" });
    await expect(createSession(alice, request({ cluster: "nope" }), "c")).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("a submit whose answer was lost", () => {
  it("adopts the job when there is one, and never makes a second", async () => {
    const dan = await person("dan");
    const made = await createSession(dan, request({ partition: SENTINELS.unknown }), "lost-answer");
    expect(made).toMatchObject({ state: "submitting", jobId: null });
    await db().session.update({ where: { id: made.id }, data: { submittedAt: new Date(Date.now() - 60_000) } });
    const adopted = await until(dan, made.id, (session) => session.jobId !== null);
    expect(adopted.state).not.toBe("ended");
    expect(jobsOf(made.id)).toBe(1);
  });

  it("is looked for in vain twice, handed over again, and given up in the end", async () => {
    const erin = await person("erin");
    const made = await createSession(erin, request({ partition: SENTINELS.unknownLost }), "lost-job");
    await db().session.update({ where: { id: made.id }, data: { submittedAt: new Date(Date.now() - 60_000) } });
    const ended = await until(erin, made.id, (session) => session.state === "ended");
    expect(ended.endReason).toBe("rejected");
    const events = await db().event.findMany({ where: { subjectId: made.id, action: "session.submit-again" } });
    expect(events).toHaveLength(2);
    expect(jobsOf(made.id)).toBe(0);
  });
});

describe("stopSession", () => {
  it("ends the session only when the scheduler says the job is gone", async () => {
    const frank = await person("frank");
    const made = await createSession(frank, request(), "stop");
    expect((await stopSession(frank, made.id)).state).toBe("stopping");
    const ended = await until(frank, made.id, (session) => session.state === "ended");
    expect(ended).toMatchObject({ endReason: "stopped", endDetail: "You stopped it." });
    await stopSession(frank, made.id);
    expect((await getSession(frank, made.id)).endReason).toBe("stopped");
  });

  it("is not for somebody else's session: the same answer as for none", async () => {
    const [grace, heidi] = [await person("grace"), await person("heidi")];
    const made = await createSession(grace, request(), "mine");
    const theirs = await stopSession(heidi, made.id).catch((error: Error) => error);
    const none = await stopSession(heidi, "aaaaaaaaaaaaaaaa").catch((error: Error) => error);
    expect(theirs).toMatchObject({ code: "not_found" });
    expect(String(theirs)).toBe(String(none));
    await expect(getSession(heidi, made.id)).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("the end of a job", () => {
  it.each([
    ["out-of-memory", /more than the 1 GiB asked for/],
    ["node-failed", /node/],
    ["preempted", /higher priority/],
    ["time-limit", /time limit/],
    ["failed", /log/],
    ["finished", /by itself/],
  ] as const)("%s is told in its own sentence, and a usage record is kept", async (ending, sentence) => {
    const ivan = await person(`ivan-${ending}`);
    const made = await createSession(ivan, request(), `end-${ending}`);
    const started = await until(ivan, made.id, (session) => session.startedAt !== null);
    cluster.scheduler.fake.end(started.jobId ?? "", { end: ending });
    const ended = await until(ivan, made.id, (session) => session.state === "ended");
    expect(ended.endReason).toBe(ending);
    expect(ended.endDetail).toMatch(sentence);
    expect(ended.endWords).toBeTruthy();
    expect(await db().usageRecord.count({ where: { sessionId: made.id } })).toBe(1);
  });
});

describe("a scheduler that does not answer", () => {
  it("changes nothing, says since when, and is believed again afterwards", async () => {
    const judy = await person("judy");
    const made = await createSession(judy, request(), "silence");
    await until(judy, made.id, (session) => session.startedAt !== null);
    cluster.scheduler.fake.silence(true);
    await tick("hpc", newMemory());
    const row = await db().session.findUniqueOrThrow({ where: { id: made.id } });
    expect(row.state).toBe("starting");
    expect((await db().clusterSnapshot.findUniqueOrThrow({ where: { cluster: "hpc" } })).failedSince).not.toBeNull();
    cluster.scheduler.fake.silence(false);
    await until(judy, made.id, (session) => session.state === "starting");
    expect((await db().clusterSnapshot.findUniqueOrThrow({ where: { cluster: "hpc" } })).failedSince).toBeNull();
  });
});

describe("a job that the queue no longer shows", () => {
  it("is not lost while its owner still finds it", async () => {
    const kim = await person("kim");
    const made = await createSession(kim, request(), "hidden");
    const started = await until(kim, made.id, (session) => session.startedAt !== null);
    cluster.scheduler.fake.hide(started.jobId ?? "");
    const memory = newMemory();
    const since = performance.now();
    while (performance.now() - since < 1000) {
      await tick("hpc", memory);
      await Promise.all(memory.working.values());
    }
    expect((await getSession(kim, made.id)).state).toBe("starting");
  });

  it("is lost when nobody knows it any more, after the wait", async () => {
    const leo = await person("leo");
    const made = await createSession(leo, request(), "forgotten");
    const started = await until(leo, made.id, (session) => session.startedAt !== null);
    cluster.scheduler.fake.hide(started.jobId ?? "");
    cluster.scheduler.fake.forget(started.jobId ?? "");
    const ended = await until(leo, made.id, (session) => session.state === "ended");
    expect(ended.endReason).toBe("lost");
  });

  it("is lost also when accounting goes on calling it running", async () => {
    const max = await person("max");
    const made = await createSession(max, request(), "runaway");
    const started = await until(max, made.id, (session) => session.startedAt !== null);
    const { jobs } = cluster.scheduler;
    cluster.scheduler.jobs = async (query) => (await jobs(query)).filter(({ id }) => id !== started.jobId);
    const ended = await until(max, made.id, (session) => session.state === "ended");
    cluster.scheduler.jobs = jobs;
    expect(ended.endReason).toBe("lost");
  });
});

describe("listSessions", () => {
  it("pages through a person's own sessions, newest first, without gaps", async () => {
    const mia = await person("mia");
    const made = [];
    for (let index = 0; index < 5; index += 1) made.push((await createSession(mia, request(), `m${index}`)).id);
    const first = await listSessions(mia, { limit: 2 });
    const second = await listSessions(mia, { limit: 2, cursor: first.nextCursor ?? "" });
    const third = await listSessions(mia, { limit: 2, cursor: second.nextCursor ?? "" });
    const seen = [...first.items, ...second.items, ...third.items].map((session) => session.id);
    expect(new Set(seen)).toEqual(new Set(made));
    expect(third.nextCursor).toBeNull();
  });
});
