// What of a person's limits is used now, from the sessions that are live, and by what names limits may mean a person.
import type { Tx } from "@/lib/db";
import type { Use } from "@/lib/policy/schema";
import { tidyGib } from "@/lib/units";

/**
 * Sums over the person's sessions on `clusters` that have not ended. Nothing is released by hand: an ended session no longer
 * counts, and neither does one of a cluster that was taken out of portal.yaml.
 */
export async function useOfPerson(tx: Tx, userId: string, clusters: string[]): Promise<Use> {
  const live = await tx.session.findMany({
    where: { ownerId: userId, state: { not: "ended" }, cluster: { in: clusters } },
    select: { nodes: true, cpus: true, memoryGiB: true, gpus: true },
  });
  const use: Use = { sessions: live.length, cpus: 0, memoryGiB: 0, gpus: 0 };
  for (const { nodes, cpus, memoryGiB, gpus } of live) {
    use.cpus += nodes * cpus;
    use.memoryGiB += nodes * memoryGiB;
    use.gpus += nodes * gpus;
  }
  return { ...use, memoryGiB: tidyGib(use.memoryGiB) };
}

/** Subject and verified e-mail, as `person:` rules name people. */
export async function namesOfPerson(tx: Tx, userId: string): Promise<string[]> {
  const user = await tx.user.findUnique({ where: { id: userId }, select: { subject: true, email: true } });
  return [user?.subject, user?.email].filter((name): name is string => Boolean(name));
}
