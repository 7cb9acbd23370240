// Sessions whose cluster was taken out of portal.yaml.
import { expect, it } from "vitest";
import { useDatabase } from "@/dev/test-database";
import { person, request, useFakeCluster } from "@/dev/test-sessions";
import { db } from "@/lib/db";
import { limitsOf } from "@/lib/policy/usage-of-person";
import { endRemoved } from "@/lib/reconciler/end-removed";
import { createSession } from "@/lib/sessions/create-session";
import { getSession } from "@/lib/sessions/list-sessions";

useDatabase();
useFakeCluster();

const hour = 3_600_000;

/** A live session of 30 minutes whose cluster then went. */
async function left(name: string, change: object = {}) {
  const actor = await person(name);
  const made = await createSession(actor, request(), `left-${name}`);
  await db().session.update({ where: { id: made.id }, data: { cluster: "removed", ...change } });
  return { actor, id: made.id };
}

it("do not count against a person's limits, and say what became of the cluster", async () => {
  const { actor, id } = await left("quinn");
  expect((await limitsOf(actor)).limits.find((limit) => limit.name === "sessions")).toMatchObject({ used: 0, max: 1 });
  expect(await getSession(actor, id)).toMatchObject({ clusterRemoved: true, staleSince: expect.any(String) });
  const next = await createSession(actor, request(), "next");
  expect(next).toMatchObject({ state: "queued", clusterRemoved: false });
  await expect(createSession(actor, request(), "one-more")).rejects.toMatchObject({ code: "denied" });
});

it("are lost an hour after their time, and not before", async () => {
  const now = new Date();
  const startedAt = new Date(now.getTime() - 30 * 60_000);
  const { actor, id } = await left("rita", { state: "ready", startedAt, endsAt: now, secretSealed: "s" });
  const { id: waits } = await left("sam");
  await endRemoved(new Date(now.getTime() + hour - 1000));
  expect((await getSession(actor, id)).state).toBe("ready");
  await endRemoved(new Date(now.getTime() + hour));
  expect(await getSession(actor, id)).toMatchObject({
    state: "ended",
    endReason: "lost",
    endDetail: expect.stringContaining("removed is no longer part of this portal"),
    clusterRemoved: false,
  });
  const row = await db().session.findUniqueOrThrow({ where: { id }, include: { usage: true } });
  expect(row).toMatchObject({ secretSealed: null, endedAt: now, usage: { seconds: 1800 } });
  expect((await db().session.findUniqueOrThrow({ where: { id: waits } })).state).toBe("queued");
  await endRemoved(new Date(now.getTime() + 2 * hour));
  expect((await db().session.findUniqueOrThrow({ where: { id: waits } })).state).toBe("ended");
});
