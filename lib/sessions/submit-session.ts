// Hands a committed session to the scheduler and records the answer. Called by createSession, and by the reconciler
// when an unknown submit was looked for twice in vain: always with the same tag, so that there is never a second job.
import type { Actor } from "@/lib/actor";
import { recordEvent } from "@/lib/audit/record-event";
import { readUser } from "@/lib/auth/store";
import { accessOf } from "@/lib/clusters/access";
import { cluster } from "@/lib/clusters/cluster";
import { snapshotOf } from "@/lib/clusters/snapshot";
import { db, notify, transaction } from "@/lib/db";
import { isAccountRefused, isPortalError } from "@/lib/errors";
import { instanceId } from "@/lib/instance";
import { killPoint } from "@/lib/kill-point";
import { metrics } from "@/lib/metrics";
import { once } from "@/lib/once";
import { partitionOf } from "@/lib/policy/rules";
import { limitsOfPerson } from "@/lib/policy/usage-of-person";
import { rejectionSentence } from "@/lib/scheduler/rules";
import type { JobSpec, Submitted } from "@/lib/scheduler/scheduler";
import { countEnd } from "@/lib/sessions/count-end";
import { recordUsage } from "@/lib/sessions/record-usage";
import type { ResourceRequest } from "@/lib/sessions/schema";
import { recordFile } from "@/lib/sessions/session-record";
import { changeSession, lockSession, readSession, type SessionPatch, type SessionRow } from "@/lib/sessions/store";
import { template } from "@/lib/templates/template";
import { toJobSpec } from "@/lib/templates/to-job-spec";

/** Sessions whose submit this process is waiting for: the reconciler leaves them alone. */
const inFlight = () => once("submitting", () => new Set<string>());
export const isBeingSubmitted = (id: string): boolean => inFlight().has(id);

async function specOf(actor: Actor, row: SessionRow): Promise<JobSpec> {
  // The request was checked against the schema before it was stored.
  const request = row.request as ResourceRequest;
  const { config } = cluster(row.cluster);
  const { facts } = await snapshotOf(row.cluster);
  const partitions = facts?.partitions ?? [];
  const name = partitionOf(request, partitions)?.name;
  const partition = partitions.find((entry) => entry.name === name) ?? null;
  const instance = await instanceId();
  const owner = await readUser(db(), row.ownerId);
  const limits = await limitsOfPerson(db(), { userId: owner.id, groups: owner.groups });
  const context = {
    sessionId: row.id,
    instance,
    owner: row.unixAccount,
    cluster: config,
    partition,
    access: await accessOf(actor, row.cluster, row.unixAccount),
    mostMinutes: limits.minutes.max,
  };
  const spec = toJobSpec(request, template(row.template), context);
  return { ...spec, files: [...spec.files, recordFile(row, instance)] };
}

/** `refused`: the login was, so this try has run nothing. */
type Answer = Submitted | { outcome: "refused"; words: string };

/** A cluster that cannot be reached leaves the answer unknown: only the scheduler's own no is a no, and a refused login. */
async function ask(actor: Actor, row: SessionRow, spec: JobSpec): Promise<Answer> {
  try {
    return await cluster(row.cluster, actor).scheduler.submit(spec);
  } catch (error) {
    if (!isPortalError(error)) throw error;
    const { message, words = message } = error;
    return isAccountRefused(error) ? { outcome: "refused", words: message } : { outcome: "unknown", words };
  }
}

/** More than any scheduler says of one job. What says more is a program of the person's own. */
const mostWords = 10_000;

/** PostgreSQL takes no NUL, and a program's words may hold anything, and any amount of it. */
const storable = (answer: Answer): Answer =>
  answer.outcome === "accepted" ? answer : { ...answer, words: answer.words.slice(0, mostWords).replaceAll("\0", "") };

/** A refused login is the answer to the first try alone: what another one has sent may still arrive. */
function settle(row: SessionRow, answer: Answer): Submitted {
  if (answer.outcome !== "refused") return answer;
  return { ...answer, outcome: row.submitTries === 0 ? "rejected" : "unknown" };
}

/** What an answer means for the row as it is by now; null when it changes nothing. */
function patchFor(row: SessionRow, answer: Submitted, now: Date): SessionPatch | null {
  const open = row.jobId === null && (row.state === "submitting" || row.state === "stopping");
  if (answer.outcome === "accepted") {
    const { jobId, directory } = answer;
    // Adopted meanwhile, by this very id or by the reconciler's choice among several, which is its own to settle.
    if (row.jobId !== null) return row.jobId === jobId ? { directory } : null;
    // Given up meanwhile: the job must go again, and cleaning is not over before it has.
    if (row.state === "ended") return { jobId, directory, cleanedAt: null, nextCleanAt: null };
    // A session that was told to stop stays stopping; the reconciler cancels the job it now knows of.
    const state = row.state === "stopping" ? "stopping" : "queued";
    return { state, jobId, directory, queuedAt: now, endWords: null };
  }
  if (!open) return null;
  // Shown under "submitting" while the reconciler looks for the job.
  if (answer.outcome === "unknown") return { endWords: answer.words };
  return {
    state: "ended",
    endReason: "rejected",
    endDetail: rejectionSentence(answer.words),
    endWords: answer.words,
    endedAt: now,
    cleanedAt: now,
  };
}

/** Read, decided and written under the row's lock: a stop or an adoption of the same moment is not overwritten. */
async function record(id: string, given: Answer): Promise<void> {
  const written = await transaction(async (tx) => {
    const row = await lockSession(tx, { everyone: true }, id);
    const answer = settle(row, given);
    const patch = patchFor(row, answer, new Date());
    const changed = patch && (await changeSession(tx, row, patch));
    if (!changed) return null;
    if (answer.outcome === "rejected") await recordUsage(tx, changed);
    await recordEvent(tx, {
      actor: { kind: "system" },
      action: `session.${answer.outcome}`,
      subject: { kind: "session", id },
      ownerId: row.ownerId,
      data: answer.outcome === "accepted" ? { jobId: answer.jobId } : { words: answer.words },
    });
    await notify(tx, { kind: "session", id, ownerId: row.ownerId });
    return changed;
  });
  if (written?.state === "ended") countEnd(written);
}

/** Submits for `actor` and records. Returns the row as it then is. */
export async function submitSession(actor: Actor, row: SessionRow): Promise<SessionRow> {
  inFlight().add(row.id);
  try {
    const spec = await specOf(actor, row);
    killPoint("before-submit");
    const answer = storable(await ask(actor, row, spec));
    metrics().submits.inc({ cluster: row.cluster, outcome: answer.outcome });
    killPoint("after-submit");
    await record(row.id, answer);
    killPoint("after-record");
  } finally {
    inFlight().delete(row.id);
  }
  return readSession(db(), { everyone: true }, row.id);
}
