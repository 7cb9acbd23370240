// What the scheduler lets a person do, remembered for a minute: pages and forms ask often. One question as the service account
// answers for everybody, so that the scheduler's work does not grow with viewers; only somebody it does not know is asked
// about in their own name, because some sites hide people from each other.
import type { Actor } from "@/lib/actor";
import { type Cluster, cluster } from "@/lib/clusters/cluster";
import { once } from "@/lib/once";
import type { Access } from "@/lib/scheduler/scheduler";

const maxAgeMs = 60_000;
/** A scheduler that is down takes its nine seconds to say so: not of every page, and not of every viewer. */
const downMs = 15_000;
type Held<Value> = { until: number; value: Promise<Value | null> };

type Asking<Value> = { held: Map<string, Held<Value>>; key: string; failureMs: number };

/** What `ask` answered at most a minute ago. A failure is null, and remembered for `failureMs`. */
function remembered<Value>({ held, key, failureMs }: Asking<Value>, ask: () => Promise<Value>) {
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

type FromEveryone = { known: Access | null; isUp: boolean };

async function fromEveryone({ config, scheduler }: Cluster, owner: string): Promise<FromEveryone> {
  const { everyonesAccess } = scheduler;
  if (!everyonesAccess || config.poll === "per-user") return { known: null, isUp: false };
  const held = once("cluster-access-of-all", () => new Map<string, Held<(owner: string) => Access>>());
  const read = await remembered({ held, key: config.name, failureMs: downMs }, everyonesAccess);
  const found = read?.(owner);
  return { known: found?.admitted ? found : null, isUp: read !== null };
}

/** Access of Unix account `owner`, asked for `actor`; null while the cluster does not answer: then nothing is denied for its sake. */
export async function accessOf(actor: Actor, clusterName: string, owner: string): Promise<Access | null> {
  const { known, isUp } = await fromEveryone(cluster(clusterName), owner);
  if (known) return known;
  // Of a scheduler that answers, what fails is this person's login: each try costs a connection, and mends nothing.
  const failureMs = isUp ? maxAgeMs : downMs;
  const held = once("cluster-access", () => new Map<string, Held<Access>>());
  return remembered({ held, key: `${clusterName}/${owner}`, failureMs }, () =>
    cluster(clusterName, actor).scheduler.access(owner),
  );
}
