// With accounting down the queue and the session's own directory decide: nothing waits for ever, and nothing runs twice.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, expect, it } from "vitest";
import { useDatabase } from "@/dev/test-database";
import { person, request, useFakeCluster } from "@/dev/test-sessions";
import { db } from "@/lib/db";
import { newMemory, tick } from "@/lib/reconciler/tick";
import { SENTINELS } from "@/lib/scheduler/fake";
import { createSession } from "@/lib/sessions/create-session";
import { getSession } from "@/lib/sessions/list-sessions";
import { tagOf } from "@/lib/templates/to-job-spec";

useDatabase();
const { scheduler } = useFakeCluster();
const really = scheduler.submit;
const { jobs } = scheduler;
const directory = mkdtempSync(join(tmpdir(), "berth-claims-"));
beforeEach(() => scheduler.fake.silenceAccounting(true));
afterEach(() => {
  Object.assign(scheduler, { submit: really, jobs });
  scheduler.fake.silenceAccounting(false);
});
afterAll(() => rmSync(directory, { recursive: true }));

const rowOf = (id: string) => db().session.findUniqueOrThrow({ where: { id } });
const jobsOf = async (id: string) => (await scheduler.jobs({})).filter((job) => job.tag === tagOf(id));
const change = (id: string, data: object) => db().session.update({ where: { id }, data });

/** Looks until `done`. */
async function look(done: () => Promise<boolean>): Promise<void> {
  const memory = newMemory();
  const deadline = performance.now() + 15_000;
  while (!(await done())) {
    if (performance.now() > deadline) throw new Error("still not so after 15 s");
    await tick("hpc", memory);
    await Promise.all(memory.working.values());
  }
}

/** A session whose submit was lost on its way, long enough ago to be looked for. */
async function lostSubmit(name: string) {
  const actor = await person(name);
  const made = await createSession(actor, request({ partition: SENTINELS.unknownLost }), name);
  scheduler.submit = (spec) => really({ ...spec, partition: SENTINELS.neverStarts });
  const own = join(directory, made.id);
  mkdirSync(own);
  await change(made.id, { submittedAt: new Date(Date.now() - 600_000), directory: own });
  return { actor, id: made.id, own };
}

it("a submit that never arrived is handed over again, once", async () => {
  const { id } = await lostSubmit("ann");
  await look(async () => (await rowOf(id)).state === "queued");
  expect(await rowOf(id)).toMatchObject({ submitTries: 1 });
  expect(await jobsOf(id)).toHaveLength(1);
});

it("a job that neither queue nor accounting shows, but that has started, is adopted and not run again", async () => {
  const { actor, id, own } = await lostSubmit("bob");
  mkdirSync(join(own, "claim", "4711"), { recursive: true });
  await look(async () => (await rowOf(id)).jobId !== null);
  expect(await rowOf(id)).toMatchObject({ jobId: "4711", submitTries: 0 });
  expect(await jobsOf(id)).toEqual([]);
  await look(async () => (await rowOf(id)).state === "ended");
  expect(await getSession(actor, id)).toMatchObject({
    endReason: "lost",
    endDetail: expect.stringContaining("Accounting did not answer"),
  });
});

it("a job that nobody remembers has ended as it wrote down itself", async () => {
  const { actor, id, own } = await lostSubmit("eva");
  mkdirSync(join(own, "claim", "4712"), { recursive: true });
  writeFileSync(join(own, "ended"), "finished 0\n");
  await look(async () => (await rowOf(id)).state === "ended");
  expect(await getSession(actor, id)).toMatchObject({ endReason: "finished", endWords: null });
});

it.each([
  ["that the queue shows", "cid", -20_000],
  ["that the queue shows on a cluster whose clock is ahead of ours", "dot", 3_600_000],
])("an end %s is told without it, and says that more is not known", async (_what, name, clockMs) => {
  const actor = await person(name);
  const made = await createSession(actor, request(), name);
  await look(async () => (await rowOf(made.id)).startedAt !== null);
  const own = join(directory, made.id);
  mkdirSync(own);
  writeFileSync(join(own, "ended"), "failed 3\n");
  await change(made.id, { directory: own });
  scheduler.fake.end(made.jobId ?? "", { end: "failed", exitCode: 3 });
  const job = (await jobsOf(made.id))[0];
  scheduler.jobs = async (query) => {
    const all = await jobs(query);
    // Accounting is waited for during the first seconds after an end like this.
    return all.map((one) => (one.id === job?.id ? { ...one, endedAt: new Date(Date.now() + clockMs) } : one));
  };
  await look(async () => (await rowOf(made.id)).state === "ended");
  const { endReason, endDetail } = await getSession(actor, made.id);
  expect({ endReason, endDetail }).toEqual({
    endReason: "failed",
    endDetail:
      "The app failed with exit code 3. The end of its log says more. Accounting did not answer, so more is not known.",
  });
});
