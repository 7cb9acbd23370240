// What a cluster has and what its hosts offer, asked now and then for everybody.
import { cluster } from "@/lib/clusters/cluster";
import { readSnapshot, writeSnapshot } from "@/lib/clusters/store";
import { config as settings } from "@/lib/config";
import { db, notify, transaction } from "@/lib/db";
import { isPortalError } from "@/lib/errors";
import { log } from "@/lib/log";
import { probeTemplates } from "@/lib/templates/probe-templates";

const probeEveryMs = 300_000;

/** Asks for facts, and every five minutes for what templates need; a failure is noted as the cluster's silence. */
export async function refreshFacts(name: string): Promise<void> {
  const before = await readSnapshot(db(), name);
  try {
    const { scheduler, reach, config } = cluster(name);
    const askedAt = new Date();
    const facts = await scheduler.facts();
    const stale = !before.probesAt || Date.now() - before.probesAt.getTime() > probeEveryMs;
    // Facts stand without it; programs are looked for again with the next facts.
    const probes = stale ? await probeTemplates(reach.run, config.poller).catch(() => null) : null;
    const now = new Date();
    await transaction(async (tx) => {
      // Somebody who asked later has heard already; what a clock that was ahead wrote down counts not.
      const { factsAt } = await readSnapshot(tx, name);
      if (factsAt && factsAt > askedAt && factsAt <= now) return;
      await writeSnapshot(tx, name, {
        facts,
        factsAt: askedAt,
        answeredAt: now,
        failedSince: null,
        error: null,
        ...(probes ? { probes, probesAt: now } : {}),
      });
      await notify(tx, { kind: "cluster", name });
    });
  } catch (error) {
    if (!isPortalError(error)) throw error;
    // While the queue answers, the scheduler is not silent, whatever became of the facts.
    const heardAt = before.answeredAt?.getTime() ?? 0;
    if (Date.now() - heardAt < 1000 * settings().waits.factsSeconds) {
      log().warn({ err: error, cluster: name }, "reconciler.facts-failed");
      return;
    }
    await writeSnapshot(db(), name, { failedSince: before.failedSince ?? new Date(), error: error.message });
  }
}
