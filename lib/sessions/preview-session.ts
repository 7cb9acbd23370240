// What would become of a request: policy's verdict, the exact command, and the scheduler's own forecast. Changes nothing.
import type { PersonActor } from "@/lib/actor";
import { db } from "@/lib/db";
import { instanceId } from "@/lib/instance";
import { judge } from "@/lib/policy/rules";
import type { JobSpec } from "@/lib/scheduler/scheduler";
import { findPlace, type Place, personalCircumstances } from "@/lib/sessions/judge-request";
import type { RequestPreview, ResourceRequest } from "@/lib/sessions/schema";
import { toJobSpec } from "@/lib/templates/to-job-spec";

/** Stands where a session's id will be: the command of a preview is not that of any session. */
const SAMPLE_ID = "previewpreviewpr";

async function estimateOf(place: Place, spec: JobSpec): Promise<RequestPreview["estimate"]> {
  // A scheduler that does not answer leaves the forecast empty; the verdict stands without it.
  const estimate = await place.cluster.scheduler.estimate(spec).catch(() => null);
  if (!estimate) return null;
  if (!estimate.accepted) return { accepted: false, expectedStartAt: null, node: null, words: estimate.words };
  return { ...estimate, expectedStartAt: estimate.expectedStartAt?.toISOString() ?? null };
}

/** The preview of `request` for `actor`; the scheduler is asked only when `withEstimate`. */
export async function previewSession(
  actor: PersonActor,
  request: ResourceRequest,
  withEstimate: boolean,
): Promise<RequestPreview> {
  const place = await findPlace(actor, request);
  const personal = await personalCircumstances(db(), actor);
  const verdict = judge(request, { ...place.circumstances, ...personal });
  const context = {
    sessionId: SAMPLE_ID,
    instance: await instanceId(),
    owner: place.unixAccount,
    cluster: place.cluster.config,
    partition: place.partition,
    access: place.access,
    mostMinutes: personal.limits.minutes.max,
  };
  const spec = toJobSpec(request, place.template, context);
  return {
    verdict,
    command: place.cluster.scheduler.preview(spec).map((word) => word.replaceAll(SAMPLE_ID, "<id>")),
    limitMinutes: spec.limitMinutes,
    estimate: withEstimate && verdict.allowed ? await estimateOf(place, spec) : null,
  };
}
