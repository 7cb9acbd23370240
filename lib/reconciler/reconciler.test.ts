import { it } from "vitest";
import { useDatabase } from "@/dev/test-database";
import { person, request, useFakeCluster } from "@/dev/test-sessions";
import { startReconciler } from "@/lib/reconciler/reconciler";
import { createSession } from "@/lib/sessions/create-session";

useDatabase();
const { scheduler } = useFakeCluster();

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
