// What the scheduler lets a person do, remembered for a minute: pages and forms ask often. One question as the service account
// answers for everybody, so that the scheduler's work does not grow with viewers; only somebody it does not know is asked
// about in their own name, because some sites hide people from each other.
import type { Actor } from "@/lib/actor";
import { type Cluster, cluster } from "@/lib/clusters/cluster";
import { once } from "@/lib/once";
import type { Access } from "@/lib/scheduler/scheduler";

const maxAgeMs = 60_000;
/** A scheduler that is down takes its nine seconds to say so: not of every page, and not of every viewer. */
const failureMs = 15_000;
type Held<Value> = { until: number; value: Promise<Value | null> };

/** What `ask` answered at most a minute ago. A failure is null, and remembered for a quarter of that. */
function remembered<Value>(held: Map<string, Held<Value>>, key: string, ask: () => Promise<Value>) {
  const known = held.get(key);
  if (known && performance.now() < known.until) return known.value;
  for (const [other, { until }] of held) if (performance.now() > until) held.delete(other);
  const entry: Held<Value> = { until: performance.now() + maxAgeMs, value: ask().catch(() => null) };
  held.set(key, entry);
  void entry.value.then((answer) => {
    if (answer === null) entry.until = performance.now() + failureMs;
  });
  return entry.value;
}

async function fromEveryone({ config, scheduler }: Cluster, owner: string): Promise<Access | null> {
  const { everyonesAccess } = scheduler;
  if (!everyonesAccess || config.poll === "per-user") return null;
  const held = once("cluster-access-of-all", () => new Map<string, Held<(owner: string) => Access>>());
  const read = await remembered(held, config.name, everyonesAccess);
  const found = read?.(owner);
  return found?.admitted ? found : null;
}

/** Access of Unix account `owner`, asked for `actor`; null while the cluster does not answer: then nothing is denied for its sake. */
export async function accessOf(actor: Actor, clusterName: string, owner: string): Promise<Access | null> {
  const known = await fromEveryone(cluster(clusterName), owner);
  if (known) return known;
  const held = once("cluster-access", () => new Map<string, Held<Access>>());
  return remembered(held, `${clusterName}/${owner}`, () => cluster(clusterName, actor).scheduler.access(owner));
}
