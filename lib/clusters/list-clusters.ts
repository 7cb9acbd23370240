// The clusters as one person sees them: what is there, what is free, and what of it is theirs. Facts come from the last
// answer the reconciler wrote down, so that looking costs the scheduler nothing.
import type { PersonActor } from "@/lib/actor";
import { unixAccountFor } from "@/lib/auth/unix-account";
import { accessOf } from "@/lib/clusters/access";
import { type Cluster, cluster, clusters } from "@/lib/clusters/cluster";
import type { ClusterView } from "@/lib/clusters/schema";
import { snapshotOf } from "@/lib/clusters/snapshot";
import { config } from "@/lib/config";
import { isPortalError } from "@/lib/errors";

/** Said on the sign-in page and on the cluster's, wherever the one-machine engine is offered. */
export const ONE_MACHINE_NOTICE =
  "This engine runs jobs on this one machine, under one account. It is for trying the portal out, not for production: people are not isolated from each other here.";

/** The notice of the one-machine engine when any cluster uses it. */
export const oneMachineNotice = (): string | null =>
  config().clusters.some((entry) => entry.scheduler === "local") ? ONE_MACHINE_NOTICE : null;

const nobody = { account: null, accounts: [], defaultAccount: null, qos: [], defaultQos: [], walltimes: [] };

async function mine(actor: PersonActor, { config: { name } }: Cluster, again: boolean): Promise<ClusterView["me"]> {
  try {
    const found = await unixAccountFor(actor, name, { run: cluster(name, actor).reach.run, again });
    if ("missing" in found) return { ...nobody, admitted: false, words: found.missing };
    const access = await accessOf(actor, name, found.account);
    // A cluster that does not answer admits: what it really allows is its own to say at submit.
    if (!access) return { ...nobody, account: found.account, admitted: true, words: null };
    const support = config().branding.support;
    const words = access.admitted ? null : `${access.words ?? "The scheduler does not admit you."} Ask ${support}.`;
    return { ...access, account: found.account, words };
  } catch (error) {
    if (!isPortalError(error)) throw error;
    return { ...nobody, admitted: true, words: error.message };
  }
}

async function view(actor: PersonActor, entry: Cluster, again: boolean): Promise<ClusterView> {
  const { config: settings } = entry;
  const [{ facts, failedSince, error }, me] = await Promise.all([snapshotOf(settings.name), mine(actor, entry, again)]);
  return {
    name: settings.name,
    title: settings.title ?? settings.name,
    kind: settings.scheduler,
    notice: settings.scheduler === "local" ? ONE_MACHINE_NOTICE : null,
    scheduler: facts?.scheduler ?? null,
    up: failedSince === null && facts !== null,
    staleSince: failedSince?.toISOString() ?? null,
    error,
    partitions: facts?.partitions ?? [],
    running: facts?.running ?? 0,
    queued: facts?.queued ?? 0,
    accounting: facts?.accounting ?? false,
    modules: settings.modules !== undefined,
    me,
  };
}

/** Every cluster, for `actor`. `again`: somebody whom login nodes did not let in asks for another try. */
export async function listClusters(
  actor: PersonActor,
  again = false,
): Promise<{ items: ClusterView[]; nextCursor: null }> {
  return { items: await Promise.all(clusters().map((entry) => view(actor, entry, again))), nextCursor: null };
}
