// Gathers what policy needs to know of a request: template, cluster, the scheduler's view of the person, limits and use.
// The same circumstances serve the form's preview and the decision that counts.
import type { PersonActor } from "@/lib/actor";
import { unixAccountFor } from "@/lib/auth/unix-account";
import { accessOf } from "@/lib/clusters/access";
import { type Cluster, cluster } from "@/lib/clusters/cluster";
import { snapshotOf } from "@/lib/clusters/snapshot";
import { clusterNames } from "@/lib/config";
import type { Tx } from "@/lib/db";
import { PortalError } from "@/lib/errors";
import { type Circumstances, partitionOf } from "@/lib/policy/rules";
import { useOfPerson } from "@/lib/policy/store";
import { limitsOfPerson } from "@/lib/policy/usage-of-person";
import type { Access, PartitionFacts } from "@/lib/scheduler/scheduler";
import type { ResourceRequest } from "@/lib/sessions/schema";
import { type Template, template } from "@/lib/templates/template";

export type Place = {
  template: Template;
  cluster: Cluster;
  unixAccount: string;
  partition: PartitionFacts | null;
  access: Access | null;
  /** Everything judge() needs but the person's limits and use, which are read inside the transaction that counts. */
  circumstances: Omit<Circumstances, "limits" | "use">;
};

/**
 * Where a request would run and as whom. `again`: somebody whom the login nodes did not let in asks for another try.
 * Throws `not_found` for template or cluster, `denied` without a Unix account.
 */
export async function findPlace(actor: PersonActor, request: ResourceRequest, again = false): Promise<Place> {
  const wanted = template(request.template);
  const where = cluster(request.cluster, actor);
  const account = await unixAccountFor(actor, request.cluster, { run: where.reach.run, again });
  if ("missing" in account) throw new PortalError("denied", account.missing, { fields: { cluster: account.missing } });
  const [snapshot, access] = await Promise.all([
    snapshotOf(request.cluster),
    accessOf(actor, request.cluster, account.account),
  ]);
  const partitions = snapshot.facts?.partitions ?? [];
  const { config } = where;
  return {
    template: wanted,
    cluster: where,
    unixAccount: account.account,
    partition: partitions.find((entry) => entry.name === partitionOf(request, partitions)?.name) ?? null,
    access,
    circumstances: {
      template: wanted.manifest,
      available: snapshot.probes?.[request.template] ?? { available: null, missing: null, hint: null },
      cluster: {
        name: config.name,
        kind: config.scheduler,
        partitions,
        modules: config.modules !== undefined,
        scratch: config.scratchPath !== undefined,
        maxScratchGiB: config.maxScratchGiB,
      },
      access,
    },
  };
}

/** The part of the circumstances that other requests of the same person change. */
export async function personalCircumstances(
  tx: Tx,
  actor: PersonActor,
): Promise<Pick<Circumstances, "limits" | "use">> {
  const [limits, use] = [await limitsOfPerson(tx, actor), await useOfPerson(tx, actor.userId, clusterNames())];
  return { limits, use };
}
