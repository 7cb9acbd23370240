// Somebody whom the cluster does not let in, for good (an account that is gone) or for an hour (an authority, a clock, a name
// service): nothing is started for them, and nothing that runs is given up.
import { afterEach, describe, expect, it } from "vitest";
import { useDatabase } from "@/dev/test-database";
import { look, person, request, useFakeCluster } from "@/dev/test-sessions";
import { db } from "@/lib/db";
import { PortalError } from "@/lib/errors";
import { newMemory } from "@/lib/reconciler/tick";
import { SENTINELS } from "@/lib/scheduler/fake";
import { createSession } from "@/lib/sessions/create-session";
import { getSession } from "@/lib/sessions/list-sessions";
import { stopSession } from "@/lib/sessions/stop-session";
import { submitSession } from "@/lib/sessions/submit-session";

useDatabase();
const { scheduler } = useFakeCluster();
const { jobs, control, find, submit } = scheduler;
afterEach(() => void Object.assign(scheduler, { jobs, control, find, submit }));

const rowOf = (id: string) => db().session.findUniqueOrThrow({ where: { id } });

const started = async (id: string) => (await rowOf(id)).startedAt !== null;

const refused = async () =>
  Promise.reject(new PortalError("cluster", "Login node login1 refused lea.", { accountRefused: true }));

describe("a person whom the cluster does not let in", () => {
  it("is rid of a stopped session once the poller has not seen its job for long", async () => {
    const lea = await person("lea");
    const made = await createSession(lea, request(), "gone");
    await look(() => started(made.id));
    scheduler.fake.forget(made.jobId ?? "");
    Object.assign(scheduler, {
      control: refused,
      find: refused,
      jobs: async (query: { owner?: string }) => (query.owner ? refused() : jobs(query)),
    });
    await look(async () => (await rowOf(made.id)).absentSince !== null);
    await db().session.update({ where: { id: made.id }, data: { absentSince: new Date(0), lastLookAt: null } });
    const memory = newMemory();
    await look(async () => memory.troubled.has(made.id), memory);
    // Without a wish to stop it, unknown is not dead.
    expect((await rowOf(made.id)).state).not.toBe("ended");
    await stopSession(lea, made.id);
    await look(async () => (await rowOf(made.id)).state === "ended");
    expect((await getSession(lea, made.id)).endReason).toBe("stopped");
  });

  it("is told so at once when nothing was handed over yet", async () => {
    scheduler.submit = refused;
    const made = await createSession(await person("ole"), request(), "first-try");
    expect(made).toMatchObject({ state: "ended", endReason: "rejected" });
    expect(made.endDetail).toContain("log in");
  });

  it("keeps a launch that may have arrived before, and has its job", async () => {
    const pia = await person("pia");
    const made = await createSession(pia, request({ partition: SENTINELS.unknown }), "second-try");
    scheduler.submit = refused;
    // Slurm takes its time: the job shows only after it was to be handed over again.
    Object.assign(scheduler, { find: async () => null, jobs: async () => [] });
    await db().session.update({ where: { id: made.id }, data: { submittedAt: new Date(Date.now() - 60_000) } });
    await look(async () => (await rowOf(made.id)).submitTries === 1);
    expect(await rowOf(made.id)).toMatchObject({ state: "submitting", endReason: null });
    Object.assign(scheduler, { find, jobs });
    await look(() => started(made.id));
  });

  it("keeps a launch that somebody else handed over while its first try took long", async () => {
    const made = await createSession(await person("rob"), request({ partition: SENTINELS.unknown }), "slow-try");
    const before = await rowOf(made.id);
    await db().session.update({ where: { id: made.id }, data: { submitTries: 1 } });
    scheduler.submit = refused;
    expect(await submitSession({ kind: "system" }, before)).toMatchObject({ state: "submitting", endReason: null });
  });

  it("keeps a stopped session whose job the poller never showed: it may run unseen", async () => {
    const noa = await person("noa");
    const made = await createSession(noa, request(), "unseen");
    scheduler.fake.hide(made.jobId ?? "");
    scheduler.control = refused;
    scheduler.jobs = async (query) => (query.owner ? refused() : jobs(query));
    scheduler.fake.silenceAccounting(true);
    await stopSession(noa, made.id);
    await db().session.update({ where: { id: made.id }, data: { absentSince: new Date(0), lastLookAt: null } });
    const memory = newMemory();
    await look(async () => memory.troubled.has(made.id), memory);
    scheduler.fake.silenceAccounting(false);
    expect((await rowOf(made.id)).state).toBe("stopping");
  });

  it("keeps a stopped session whose job is not known until somebody could look for it", async () => {
    const mia = await person("mia");
    const made = await createSession(mia, request({ partition: SENTINELS.unknownLost }), "never");
    scheduler.find = refused;
    await db().session.update({ where: { id: made.id }, data: { submittedAt: new Date(Date.now() - 60_000) } });
    await stopSession(mia, made.id);
    const memory = newMemory();
    await look(async () => memory.troubled.has(made.id), memory);
    expect(await rowOf(made.id)).toMatchObject({ state: "stopping", looks: 0 });
    scheduler.find = find;
    await look(async () => (await rowOf(made.id)).state === "ended");
    expect((await getSession(mia, made.id)).endReason).toBe("stopped");
  });

  it("is rid of a stopped session whose job is not known a week after the stop", async () => {
    const kim = await person("kim");
    const made = await createSession(kim, request({ partition: SENTINELS.unknownLost }), "for-good");
    scheduler.find = refused;
    await db().session.update({ where: { id: made.id }, data: { submittedAt: new Date(Date.now() - 60_000) } });
    await stopSession(kim, made.id);
    const stopRequestedAt = new Date(Date.now() - 7 * 86_400_000 - 1000);
    await db().session.update({ where: { id: made.id }, data: { stopRequestedAt } });
    await look(async () => (await rowOf(made.id)).state === "ended");
    expect(await rowOf(made.id)).toMatchObject({ endReason: "stopped", endedAt: stopRequestedAt });
  });
});
