// Uploads that nobody goes on with: their partial files are removed as the person they belong to, by the system.
import { cluster } from "@/lib/clusters/cluster";
import { config } from "@/lib/config";
import { db } from "@/lib/db";
import { remove } from "@/lib/files/continue-upload";
import { rootsOf } from "@/lib/files/place";
import * as store from "@/lib/files/store";
import { log } from "@/lib/log";

const DAY_MS = 86_400_000;

/** Once for one cluster, until `signal` aborts. What cannot be removed today is tried again next time. */
export async function sweepUploads(name: string, now: Date, signal?: AbortSignal): Promise<void> {
  const { config: settings, reach } = cluster(name);
  const before = new Date(now.getTime() - config().files.keepUploadsDays * DAY_MS);
  for (const row of await store.listGivenUp(db(), name, before)) {
    if (signal?.aborted) return;
    const { unixAccount: user } = row;
    try {
      await remove({ cluster: name, reach, user, roots: rootsOf(settings, user) }, row);
      await store.deleteUpload(db(), row.id);
    } catch (error) {
      log().warn({ err: error, id: row.id }, "upload.not-swept");
    }
  }
  await store.forgetFinished(db(), new Date(now.getTime() - DAY_MS));
}
