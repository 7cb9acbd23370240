// What GET /api/metrics answers: the counters of this process, and what is true of the whole portal, from the database.
import { isStaff, type PersonActor } from "@/lib/actor";
import { snapshotOf } from "@/lib/clusters/snapshot";
import { config } from "@/lib/config";
import { db } from "@/lib/db";
import { PortalError } from "@/lib/errors";
import { openEventStreams } from "@/lib/events";
import { metrics } from "@/lib/metrics";
import { sessionStates } from "@/lib/sessions/schema";
import { countOpen } from "@/lib/sessions/store";

/** One query, however many clusters and states. `ended` counts those whose leftovers are still being removed. */
async function setSessions(names: string[]): Promise<void> {
  const { sessions } = metrics();
  const counted = await countOpen(db(), names);
  sessions.reset();
  for (const cluster of names) for (const state of sessionStates) sessions.set({ cluster, state }, 0);
  for (const { cluster, state, count } of counted) sessions.set({ cluster, state }, count);
}

async function setAge(cluster: string): Promise<void> {
  const { answeredAt } = await snapshotOf(cluster);
  if (answeredAt) metrics().answerAge.set({ cluster }, (Date.now() - answeredAt.getTime()) / 1000);
}

/** Prometheus' text format. A database that is away leaves out what it would have said: the counters are still worth having. */
export async function metricsText(): Promise<string> {
  const { registry, sessions, answerAge, eventStreams } = metrics();
  const names = config().clusters.map(({ name }) => name);
  eventStreams.set(openEventStreams());
  await setSessions(names).catch(() => sessions.reset());
  await Promise.all(names.map(setAge)).catch(() => answerAge.reset());
  return registry.metrics();
}

/** The metrics, for operators and administrators. */
export async function readMetrics(actor: PersonActor): Promise<Response> {
  if (!isStaff(actor)) throw new PortalError("forbidden", "Only operators and administrators may read the metrics.");
  const headers = { "content-type": metrics().registry.contentType };
  return new Response(await metricsText(), { headers });
}
