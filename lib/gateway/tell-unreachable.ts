// Tells the reconciler that an app does not answer: its job has perhaps ended, which would otherwise be seen at the next
// quiet look only. A browser asks again and again, so once in a while is enough.
import { notify, transaction } from "@/lib/db";

const everyMs = 5_000;

/** Returns what to call each time; it tells at most every five seconds for a cluster. Telling may fail, which loses nothing. */
export function unreachableTeller(now = () => performance.now()): (cluster: string) => void {
  const toldAt = new Map<string, number>();
  return (cluster) => {
    if (now() - (toldAt.get(cluster) ?? Number.NEGATIVE_INFINITY) < everyMs) return;
    toldAt.set(cluster, now());
    transaction((tx) => notify(tx, { kind: "unreachable", cluster })).catch(() => toldAt.delete(cluster));
  };
}
