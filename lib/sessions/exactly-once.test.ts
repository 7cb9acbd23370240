import { afterEach, describe, expect, it } from "vitest";
import { useDatabase } from "@/dev/test-database";
import { look, person, request, useFakeCluster } from "@/dev/test-sessions";
import { clusterConfig } from "@/lib/config";
import { db } from "@/lib/db";
import { newMemory, tick } from "@/lib/reconciler/tick";
import { SENTINELS } from "@/lib/scheduler/fake";
import type { JobSpec } from "@/lib/scheduler/scheduler";
import { createSession } from "@/lib/sessions/create-session";
import { getSession } from "@/lib/sessions/list-sessions";
import { stopSession } from "@/lib/sessions/stop-session";
import { tagOf } from "@/lib/templates/to-job-spec";

useDatabase();
const { scheduler } = useFakeCluster();
const really = scheduler.submit;
afterEach(() => {
  scheduler.submit = really;
});

const rowOf = (id: string) => db().session.findUniqueOrThrow({ where: { id } });
const jobsOf = async (id: string) => (await scheduler.jobs({})).filter((job) => job.tag === tagOf(id));
const liveJobsOf = async (id: string) => (await jobsOf(id)).filter((job) => job.state !== "ended");
const settled = (id: string) =>
  db().session.update({ where: { id }, data: { submittedAt: new Date(Date.now() - 60_000) } });

/** A submit that waits to be let go, once it has been begun. */
function heldSubmit() {
  const begun = Promise.withResolvers<JobSpec>();
  const go = Promise.withResolvers<void>();
  scheduler.submit = async (spec) => {
    begun.resolve(spec);
    await go.promise;
    return really(spec);
  };
  return { begun: begun.promise, go: go.resolve };
}

describe("a job that is adopted", () => {
  it("has its directory and scratch like any other, so that it can become ready", async () => {
    const ada = await person("ada");
    const made = await createSession(ada, request({ partition: SENTINELS.unknown }), "adopted");
    await settled(made.id);
    await look(async () => (await rowOf(made.id)).jobId !== null);
    const row = await rowOf(made.id);
    expect(row.directory).toBe(`${clusterConfig("hpc").sessionPath}/${made.id}`);
  });
});

describe("while a submit is under way", () => {
  it("the reconciler of the same process leaves the session alone", async () => {
    const bea = await person("bea");
    const { begun, go } = heldSubmit();
    const making = createSession(bea, request(), "in-flight");
    const { tag } = await begun;
    const id = tag.slice("berth-".length);
    await settled(id);
    await tick("hpc", newMemory());
    expect(await rowOf(id)).toMatchObject({ state: "submitting", looks: 0 });
    go();
    expect((await making).state).toBe("queued");
    expect(await jobsOf(id)).toHaveLength(1);
  });

  it("a stop is not lost: the job is cancelled as soon as it is known", async () => {
    const cleo = await person("cleo");
    const { begun, go } = heldSubmit();
    const making = createSession(cleo, request(), "crossing");
    const id = (await begun).tag.slice("berth-".length);
    expect((await stopSession(cleo, id)).state).toBe("stopping");
    go();
    expect((await making).state).toBe("stopping");
    await look(async () => (await getSession(cleo, id)).state === "ended");
    expect((await getSession(cleo, id)).endReason).toBe("stopped");
    expect(await liveJobsOf(id)).toEqual([]);
  });

  it("a job that another process adopts meanwhile is the same one", async () => {
    const dina = await person("dina");
    scheduler.submit = async (spec) => {
      const answer = await really(spec);
      const jobId = answer.outcome === "accepted" ? answer.jobId : null;
      const id = spec.tag.slice("berth-".length);
      await db().session.update({ where: { id }, data: { jobId, state: "queued", revision: { increment: 1 } } });
      return answer;
    };
    const made = await createSession(dina, request(), "adopted-elsewhere");
    expect(made).toMatchObject({ state: "queued", directory: expect.stringContaining(made.id) });
    expect(await jobsOf(made.id)).toHaveLength(1);
  });
});

describe("a job that comes after its session was given up", () => {
  it("is cancelled when the submit itself says so late", async () => {
    const elsa = await person("elsa");
    const { begun, go } = heldSubmit();
    const making = createSession(elsa, request(), "late-answer");
    const id = (await begun).tag.slice("berth-".length);
    const given = { state: "ended", endReason: "rejected", endedAt: new Date(), cleanedAt: new Date() };
    await db().session.update({ where: { id }, data: { ...given, revision: { increment: 1 } } });
    go();
    expect(await making).toMatchObject({ state: "ended", jobId: expect.any(String) });
    expect(await liveJobsOf(id)).toHaveLength(1);
    await look(async () => (await rowOf(id)).cleanedAt !== null);
    expect(await liveJobsOf(id)).toEqual([]);
  });

  it("is cancelled when only the queue shows it, long after the session was cleaned", async () => {
    const fay = await person("fay");
    const { begun, go } = heldSubmit();
    scheduler.submit = ((held) => async (spec) => {
      await held(spec);
      return { outcome: "unknown", words: "cut off" };
    })(scheduler.submit);
    const making = createSession(fay, request(), "late-job");
    const id = (await begun).tag.slice("berth-".length);
    const given = { state: "ended", endReason: "rejected", endedAt: new Date(), cleanedAt: new Date() };
    await db().session.update({ where: { id }, data: { ...given, revision: { increment: 1 } } });
    go();
    await making;
    expect(await liveJobsOf(id)).toHaveLength(1);
    await look(async () => (await liveJobsOf(id)).length === 0);
    expect(await rowOf(id)).toMatchObject({ state: "ended", endReason: "rejected" });
  });

  it("is left alone when it is another portal's", async () => {
    const spec = { ...(await specOf("gail")), tag: "berth-zzzzzzzzzzzzzzz1", comment: "berth:other:z" };
    await really(spec);
    const memory = newMemory();
    await tick("hpc", memory);
    await tick("hpc", memory);
    expect((await scheduler.jobs({})).find((job) => job.tag === spec.tag)?.state).not.toBe("ended");
  });
});

/** What a session of `name` hands to the scheduler. */
async function specOf(name: string): Promise<JobSpec> {
  const made = await createSession(await person(name), request(), `spec-${name}`);
  const spec = scheduler.fake.taken.find(({ tag }) => tag === tagOf(made.id));
  if (!spec) throw new Error("Nothing was handed over.");
  return spec;
}

describe("two jobs for one session", () => {
  it("become one", async () => {
    const hana = await person("hana");
    const made = await createSession(hana, request(), "twice");
    const spec = scheduler.fake.taken.find(({ tag }) => tag === tagOf(made.id));
    if (spec) await really({ ...spec, partition: SENTINELS.neverStarts });
    expect(await liveJobsOf(made.id)).toHaveLength(2);
    await look(async () => (await liveJobsOf(made.id)).length === 1);
    expect((await liveJobsOf(made.id))[0]?.id).toBe(made.jobId);
    expect((await getSession(hana, made.id)).state).not.toBe("ended");
  });
});
