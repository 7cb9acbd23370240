// Takes a job in: checks it, makes its directory, and puts it into the queue in one step that either happened or did not.
import type { Run } from "@/lib/clusters/run";
import { isPortalError } from "@/lib/errors";
import type { Estimate, JobSpec, Submitted } from "@/lib/scheduler/scheduler";
import { stageFiles } from "@/lib/scheduler/stage";
import { forecast, runQueueLocked } from "./engine/queue.mjs";
import type { JobRecord, StoredJob } from "./engine/records.mjs";
import { addJob } from "./engine/records.mjs";
import { nodeName, type Offer, PARTITION, refusal } from "./machine";
import type { LocalState } from "./state";

export type Intake = { run: Run; state: LocalState; offer: Offer; environment: Record<string, string> };

const STAGE_SECONDS = 60;

/** As Scheduler.submit. A tag that the engine knows already is the same job, never a second one. */
export async function submitJob(intake: Intake, spec: JobSpec): Promise<Submitted> {
  const words = refusal(spec, intake.offer);
  if (words) return { outcome: "rejected", words };
  try {
    const submit = async () => (await adopted(intake.state, spec)) ?? (await stageAndQueue(intake, spec));
    return await intake.state.submitting(spec, submit);
  } catch (error) {
    // A request that makes no sense is a fault of ours; anything else leaves open how far it came.
    if (isPortalError(error) && ["internal", "invalid"].includes(error.code)) throw error;
    const said = isPortalError(error) && error.words ? `${error.message} ${error.words}` : String(error);
    return { outcome: "unknown", words: said };
  }
}

/** As Scheduler.estimate: what the queue would say if the job were put at its end now. */
export async function expectation({ state, offer, environment }: Intake, spec: JobSpec): Promise<Estimate> {
  const words = refusal(spec, offer);
  if (words) return { accepted: false, words };
  const record = recordOf(spec, spec.directory, environment);
  const candidate: StoredJob = { id: "estimate", record, supervisor: null, process: null, end: null };
  const now = Date.now();
  const startsAt = forecast([...(await state.live()), candidate], offer, now).get(candidate.id);
  if (startsAt === undefined || !Number.isFinite(startsAt)) {
    return {
      accepted: true,
      expectedStartAt: null,
      node: null,
      words: "It will wait; the queue is too long for a forecast.",
    };
  }
  const when = startsAt <= now ? "now" : `by ${new Date(startsAt).toISOString()}`;
  return { accepted: true, expectedStartAt: new Date(startsAt), node: nodeName(), words: `It would start ${when}.` };
}

async function adopted(state: LocalState, { owner, tag }: JobSpec): Promise<Submitted | null> {
  const job = await state.find(owner, tag);
  return job && { outcome: "accepted", jobId: job.id, directory: job.record.directory };
}

async function stageAndQueue({ run, state, environment }: Intake, spec: JobSpec): Promise<Submitted> {
  const { owner, tag, directory, files } = spec;
  const wanted = { owner, tag, directory, files, environment: spec.environment };
  // The engine lives in this process, so nothing is left for the staging to run. The supervisor's umask is not the person's.
  const command = ["printenv", "BERTH_UMASK"];
  const staged = await stageFiles(run, { ...wanted, command, timeoutSeconds: STAGE_SECONDS });
  if (staged.outcome !== "ran") return { outcome: "rejected", words: staged.words };
  if (staged.code !== 0)
    return { outcome: "rejected", words: staged.stderr || `Staging ended with code ${staged.code}.` };
  const own = { ...environment, BERTH_UMASK: staged.stdout.trim() };
  return state.locked(() => enqueue(state, recordOf(spec, staged.directory, own)));
}

async function enqueue({ stateDir }: LocalState, record: JobRecord): Promise<Submitted> {
  const jobId = addJob(stateDir, record);
  // From here on the job exists. If it cannot be started now, the next look at the queue starts it.
  await runQueueLocked(stateDir).catch(() => undefined);
  return { outcome: "accepted", jobId, directory: record.directory };
}

function recordOf(spec: JobSpec, directory: string, environment: Record<string, string>): JobRecord {
  const { owner, tag, comment, script, cpus, memoryMiB } = spec;
  return {
    ...{ owner, tag, comment, directory, script, cpus, memoryMiB },
    partition: spec.partition ?? PARTITION,
    environment: { ...environment, ...spec.environment, BERTH_JOB_DIR: directory },
    limitSeconds: Math.round(spec.limitMinutes * 60),
    submittedAt: new Date().toISOString(),
    held: false,
    cancel: null,
    candidate: null,
  };
}
