import { afterEach, expect, it } from "vitest";
import { forgetOnce } from "@/dev/forget-once";
import { useDatabase } from "@/dev/test-database";
import { person, request, useFakeCluster } from "@/dev/test-sessions";
import { writeSnapshot } from "@/lib/clusters/store";
import { db } from "@/lib/db";
import { becomeReady } from "@/lib/reconciler/become-ready";
import { createSession } from "@/lib/sessions/create-session";

useDatabase();
const { scheduler } = useFakeCluster();
const { facts } = scheduler;
afterEach(() => void Object.assign(scheduler, { facts }));

const rowOf = (id: string) => db().session.findUniqueOrThrow({ where: { id } });

/** Facts of the one node, as they were `secondsAgo`. */
async function factsWith(address: string, secondsAgo: number) {
  const known = await facts();
  const nodes = known.nodes.map((node) => ({ ...node, address, state: "ALLOCATED+CLOUD" }));
  await writeSnapshot(db(), "hpc", { facts: { ...known, nodes }, factsAt: new Date(Date.now() - secondsAgo * 1000) });
  forgetOnce("cluster-snapshots");
  return { ...known, nodes };
}

it("the address of a cloud's node is that of this start, and follows what the facts say later", async () => {
  const made = await createSession(await person("ann"), request(), "cloud");
  const startedAt = new Date(Date.now() - 10_000);
  await db().session.update({ where: { id: made.id }, data: { state: "starting", startedAt, node: "fake1" } });
  const booted = await factsWith("127.0.0.1", 0);
  scheduler.facts = async () => booted;
  await factsWith("192.0.2.1", 60);
  // Nobody listens there: it is looked at again.
  const found = { start: "0123456789abcdef", job: made.jobId ?? "", port: 1025, secret: "a".repeat(64) };
  await becomeReady(await rowOf(made.id), found);
  expect(await rowOf(made.id)).toMatchObject({ connectionId: found.start, nodeAddress: "127.0.0.1" });
  await factsWith("127.0.0.2", 0);
  await becomeReady(await rowOf(made.id), null);
  expect(await rowOf(made.id)).toMatchObject({ port: 1025, nodeAddress: "127.0.0.2" });
});
