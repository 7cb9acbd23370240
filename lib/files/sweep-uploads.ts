// Uploads that nobody goes on with: their partial files are removed as the person they belong to, by the system.
import { cluster } from "@/lib/clusters/cluster";
import { config } from "@/lib/config";
import { db } from "@/lib/db";
import { isPortalError } from "@/lib/errors";
import { remove } from "@/lib/files/continue-upload";
import { isAnswer, rootsOf } from "@/lib/files/place";
import * as store from "@/lib/files/store";
import { log } from "@/lib/log";

const DAY_MS = 86_400_000;

/** So long it is tried again: whose account is gone, or whose folder is no root any more, has no partial file to be removed. */
const TRIED_DAYS = 7;

/** So many in a row without an answer: the cluster is away. */
const MOST_UNANSWERED = 10;

type Round = { cluster: string; before: Date; refused: Set<string>; silent: Set<string>; unanswered: number };

/** Once for one cluster, until `signal` aborts. What cannot be removed today is tried again next time, for a week. */
export async function sweepUploads(name: string, now: Date, signal?: AbortSignal): Promise<void> {
  const before = new Date(now.getTime() - config().files.keepUploadsDays * DAY_MS);
  const round: Round = { cluster: name, before, refused: new Set(), silent: new Set(), unanswered: 0 };
  const mayGoOn = () => round.unanswered < MOST_UNANSWERED && !signal?.aborted;
  let rows = await store.listGivenUp(db(), { cluster: name, before, after: "" });
  while (rows.length > 0) {
    for (const row of rows) if (mayGoOn()) await sweepOne(round, row);
    if (signal?.aborted) return;
    if (!mayGoOn()) break;
    rows = await store.listGivenUp(db(), { cluster: name, before, after: rows.at(-1)?.id ?? "" });
  }
  await store.forgetFinished(db(), new Date(now.getTime() - DAY_MS));
}

async function sweepOne(round: Round, row: store.UploadRow): Promise<void> {
  if (round.refused.has(row.unixAccount)) return forgetOld(round, row);
  // A folder that is broken says nothing of the cluster.
  const place = `${row.unixAccount} ${row.folder}`;
  if (round.silent.has(place)) return;
  const { config: settings, reach } = cluster(round.cluster);
  const { unixAccount: user } = row;
  try {
    await remove({ cluster: round.cluster, reach, user, roots: rootsOf(settings, user) }, row);
    await store.deleteUpload(db(), row.id);
    round.unanswered = 0;
  } catch (error) {
    log().warn({ err: error, id: row.id }, "upload.not-swept");
    if (!isAnswer(error)) round.silent.add(place);
    round.unanswered = isAnswer(error) ? 0 : round.unanswered + 1;
    if (isPortalError(error) && error.accountRefused) round.refused.add(user);
    if (isAnswer(error)) await forgetOld(round, row);
  }
}

/** The row of what was given up more than a week ago. */
async function forgetOld({ before }: Round, row: store.UploadRow): Promise<void> {
  const lastAt = Math.max(row.createdAt.getTime(), row.lastActivityAt.getTime());
  if (lastAt > before.getTime() - TRIED_DAYS * DAY_MS) return;
  log().warn({ id: row.id, account: row.unixAccount, folder: row.folder }, "upload.forgotten");
  await store.deleteUpload(db(), row.id);
}
