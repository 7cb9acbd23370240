// What the scheduler lets a person do, asked as that person and remembered for a minute: the form asks often.
import type { Actor } from "@/lib/actor";
import { cluster } from "@/lib/clusters/cluster";
import { once } from "@/lib/once";
import type { Access } from "@/lib/scheduler/scheduler";

const maxAgeMs = 60_000;
type Held = { at: number; value: Promise<Access | null> };

/** Access of Unix account `owner`, asked for `actor`; null while the cluster does not answer: then nothing is denied for its sake. */
export function accessOf(actor: Actor, clusterName: string, owner: string): Promise<Access | null> {
  const held = once("cluster-access", () => new Map<string, Held>());
  const key = `${clusterName}/${owner}`;
  const known = held.get(key);
  if (known && performance.now() - known.at < maxAgeMs) return known.value;
  for (const [other, { at }] of held) if (performance.now() - at > maxAgeMs) held.delete(other);
  const value = cluster(clusterName, actor)
    .scheduler.access(owner)
    .catch(() => null);
  held.set(key, { at: performance.now(), value });
  // A failure must not be remembered for a minute.
  void value.then((access) => access ?? held.delete(key));
  return value;
}
