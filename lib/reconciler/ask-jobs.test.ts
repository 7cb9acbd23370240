import { afterEach, describe, expect, it } from "vitest";
import { useDatabase } from "@/dev/test-database";
import { person, request, useFakeCluster } from "@/dev/test-sessions";
import { clusterConfig } from "@/lib/config";
import { db } from "@/lib/db";
import { PortalError } from "@/lib/errors";
import { newMemory, tick } from "@/lib/reconciler/tick";
import { createSession } from "@/lib/sessions/create-session";
import { stopSession, stopSessionsOf } from "@/lib/sessions/stop-session";

useDatabase();
const { scheduler } = useFakeCluster();
const { jobs, control } = scheduler;
afterEach(async () => {
  Object.assign(scheduler, { jobs, control });
  clusterConfig("hpc").poll = "all";
  // How soon one looks again depends on all who have sessions: each row begins with none.
  const over = new Date();
  await db().session.updateMany({ data: { state: "ended", endReason: "stopped", endedAt: over, cleanedAt: over } });
});

const rowOf = (id: string) => db().session.findUniqueOrThrow({ where: { id } });
const failedSince = async () =>
  (await db().clusterSnapshot.findUnique({ where: { cluster: "hpc" } }))?.failedSince ?? null;

async function looks(count: number): Promise<number> {
  const memory = newMemory();
  let seconds = 0;
  for (let left = count; left > 0; left -= 1) {
    seconds = await tick("hpc", memory);
    await Promise.all(memory.working.values());
  }
  return seconds;
}

describe("where each person is asked, somebody who is not let in", () => {
  it("is asked ever less often, makes nobody hurry, and says nothing of the scheduler or of others", async () => {
    clusterConfig("hpc").poll = "per-user";
    const hers = await createSession(await person("ann"), request(), "hers");
    let asked = 0;
    scheduler.jobs = async (query) => {
      if (query.owner !== "ann") return jobs(query);
      asked += 1;
      throw new PortalError("cluster", "Login node login1 refused ann.", { accountRefused: true });
    };
    // Nobody else has a session; each question costs her a failed login.
    expect(await looks(40)).toBe(0.2);
    expect(asked).toBeLessThan(12);
    expect(await failedSince()).toBeNull();
    const his = await createSession(await person("ben"), request(), "his");
    const startOfHis = async () => {
      await looks(1);
      return (await rowOf(his.id)).startedAt;
    };
    await expect.poll(startOfHis).not.toBeNull();
    expect(await rowOf(hers.id)).toMatchObject({ state: "queued", absentSince: null });
    expect(await failedSince()).toBeNull();
  });

  it("is seen with the next look once something of theirs is accepted again", async () => {
    clusterConfig("hpc").poll = "per-user";
    const eve = await person("eve");
    const made = await createSession(eve, request(), "before");
    scheduler.jobs = async (query) => {
      if (query.owner !== "eve") return jobs(query);
      throw new PortalError("cluster", "Login node login1 refused eve.", { accountRefused: true });
    };
    await looks(40);
    // By now the pause is many looks long.
    Object.assign(scheduler, { jobs });
    await looks(1);
    expect((await rowOf(made.id)).startedAt).toBeNull();
    await createSession(eve, request(), "after");
    await looks(1);
    expect((await rowOf(made.id)).startedAt).not.toBeNull();
    await stopSessionsOf(eve, eve.userId);
    const open = async () => {
      await looks(1);
      return db().session.count({ where: { ownerId: eve.userId, cleanedAt: null } });
    };
    await expect.poll(open, { timeout: 20_000 }).toBe(0);
  });

  it("keeps what was to stop until its hard limit is past for long, and no longer", async () => {
    clusterConfig("hpc").poll = "per-user";
    const dan = await person("dan");
    const { id } = await createSession(dan, request(), "stopped");
    const started = async () => {
      await looks(1);
      return (await rowOf(id)).limitAt;
    };
    await expect.poll(started).not.toBeNull();
    const refused = async () => {
      throw new PortalError("cluster", "Login node login1 refused dan.", { accountRefused: true });
    };
    Object.assign(scheduler, { control: refused });
    scheduler.jobs = async (query) => (query.owner === "dan" ? refused() : jobs(query));
    await stopSession(dan, id);
    await looks(3);
    expect((await rowOf(id)).state).toBe("stopping");
    const limitAt = new Date(Date.now() - 3_700_000);
    await db().session.update({ where: { id }, data: { limitAt } });
    await looks(1);
    expect(await rowOf(id)).toMatchObject({ state: "ended", endReason: "stopped", endedAt: limitAt });
    // Should it run all the same, nothing leaks: it is cancelled first, once it is seen.
    Object.assign(scheduler, { jobs, control });
    const cleaned = async () => {
      await looks(1);
      return (await rowOf(id)).cleanedAt;
    };
    await expect.poll(cleaned).not.toBeNull();
    expect((await jobs({ owner: "dan" })).map(({ state }) => state)).toEqual(["ended"]);
  });
});

describe("a database that fails in the middle of a look", () => {
  it("is not noted as the scheduler's silence", async () => {
    const rename = (from: string, to: string) => db().$executeRawUnsafe(`ALTER TABLE "${from}" RENAME TO "${to}"`);
    const made = await createSession(await person("cid"), request(), "stray");
    const [job] = (await jobs({})).filter(({ id }) => id === made.jobId);
    if (!job) throw new Error("The scheduler does not show the job.");
    scheduler.jobs = async () => {
      await rename("Session", "SessionAway");
      return [{ ...job, tag: "berth-zzzzzzzzzzzzzzz1" }];
    };
    await expect(tick("hpc", newMemory())).rejects.toThrow();
    await rename("SessionAway", "Session");
    expect(await failedSince()).toBeNull();
  });
});
