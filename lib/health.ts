// Whether the portal works, for load balancers and for people: no secret, no name of a person, no query that could pile up.

import { snapshotOf } from "@/lib/clusters/snapshot";
import { config } from "@/lib/config";
import type { Answer } from "@/lib/endpoints";
import packageJson from "@/package.json";

type Check = { ok: boolean; since: string | null };

/** Version of the portal, from package.json. */
export const version: string = packageJson.version;

async function clusterCheck(name: string): Promise<Check> {
  const { failedSince, answeredAt } = await snapshotOf(name);
  // An answer of long ago tells that nobody asks any more: no process is the reconciler.
  const { quietPollSeconds } = config().waits;
  const silentMs = Date.now() - (answeredAt?.getTime() ?? 0);
  // Without any session it is asked once a minute.
  const asked = silentMs < 4000 * Math.max(quietPollSeconds, 60);
  return { ok: failedSince === null && asked, since: (failedSince ?? answeredAt)?.toISOString() ?? null };
}

/** Answers also when the database does not: then `database` is not ok and clusters are unknown. */
export async function health(): Promise<Answer<"health">> {
  const names = config().clusters.map((entry) => entry.name);
  const results = await Promise.allSettled(names.map(clusterCheck));
  const database = results.every((result) => result.status === "fulfilled");
  const checks: Record<string, Check> = { database: { ok: database, since: null } };
  for (const [index, result] of results.entries()) {
    checks[`cluster ${names[index]}`] = result.status === "fulfilled" ? result.value : { ok: false, since: null };
  }
  const ok = Object.values(checks).every((check) => check.ok);
  return { status: ok ? "ok" : "degraded", version, checks };
}
