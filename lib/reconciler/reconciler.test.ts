import { expect, it, onTestFinished } from "vitest";
import { useDatabase } from "@/dev/test-database";
import { person, request, useFakeCluster } from "@/dev/test-sessions";
import { readSnapshot } from "@/lib/clusters/store";
import { config } from "@/lib/config";
import { db } from "@/lib/db";
import { startReconciler } from "@/lib/reconciler/reconciler";
import { createSession } from "@/lib/sessions/create-session";

useDatabase();
const { scheduler } = useFakeCluster();
const { jobs } = scheduler;

it("stops although a cluster does not answer: what was under way is done again after the next start", async () => {
  await createSession(await person("alice"), request(), "hangs");
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<never>();
  scheduler.jobs = () => {
    asked.resolve();
    return answer.promise;
  };
  const stop = await startReconciler(0.2);
  await asked.promise;
  // Waiting for the answer would be waiting for ever.
  await stop();
  answer.reject(new Error("It answers when nobody asks any more."));
});

it("a session that starts is among what runs on its cluster at once, not with the next facts", async () => {
  scheduler.jobs = jobs;
  Object.assign(config().waits, { quietPollSeconds: 600, busyPollSeconds: 0.05, factsSeconds: 600 });
  const running = async () => (await readSnapshot(db(), "hpc")).facts?.running;
  const others = await db().session.count();
  const stop = await startReconciler();
  onTestFinished(stop);
  await expect.poll(running).toBe(others);
  await createSession(await person("alice"), request(), "starts");
  // Within the half minute that many starts share.
  await expect.poll(running, { timeout: 60_000 }).toBe(others + 1);
});
