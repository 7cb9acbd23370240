import { afterEach, beforeEach, expect, it } from "vitest";
import { useDatabase } from "@/dev/test-database";
import { person, request, useFakeCluster } from "@/dev/test-sessions";
import { config } from "@/lib/config";
import { db, listen } from "@/lib/db";
import { unreachableTeller } from "@/lib/gateway/tell-unreachable";
import { startReconciler } from "@/lib/reconciler/reconciler";
import { newSuspicion } from "@/lib/reconciler/suspicion";
import { createSession } from "@/lib/sessions/create-session";

useDatabase();
const { scheduler } = useFakeCluster();
let asked = 0;
const { jobs } = scheduler;
const closers: (() => unknown)[] = [];

beforeEach(() => {
  asked = 0;
  scheduler.jobs = async (query) => {
    asked += 1;
    const found = await jobs(query);
    return found.map((job) => ({ ...job, state: "running" as const, nodes: ["n1"], startedAt: new Date(0) }));
  };
});
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

it("a quiet cluster is looked at again and again once a gateway found an app of it gone", async () => {
  Object.assign(config().waits, { quietPollSeconds: 600, busyPollSeconds: 0.05, factsSeconds: 600 });
  const { id } = await createSession(await person("alice"), request(), "gone");
  // Ready, and nothing about to happen: the next look would be in ten minutes.
  await db().session.update({ where: { id }, data: { state: "ready", readyAt: new Date() } });
  closers.push(await startReconciler());
  await expect.poll(() => asked).toBeGreaterThan(0);
  const before = asked;
  unreachableTeller()("hpc");
  await expect.poll(() => asked, { timeout: 10_000 }).toBeGreaterThan(before + 5);
});

it("the suspicion ends, and many reports are told once in a while", async () => {
  let at = 0;
  const suspicion = newSuspicion(() => at);
  expect(suspicion.rest(15, 1)).toBe(15);
  suspicion.raise();
  expect([suspicion.rest(15, 1), suspicion.rest(0.5, 1)]).toEqual([1, 0.5]);
  at = 30_001;
  expect(suspicion.rest(15, 1)).toBe(15);

  const told: string[] = [];
  closers.push(await listen((change) => void (change.kind === "unreachable" && told.push(change.cluster))));
  const tell = unreachableTeller(() => at);
  for (let count = 0; count < 50; count += 1) tell("hpc");
  tell("other");
  await expect.poll(() => told.toSorted()).toEqual(["hpc", "other"]);
  at += 5_000;
  tell("hpc");
  await expect.poll(() => told.length).toBe(3);
});
