// What a page asks at once, answered with the page itself: by the verbs, limits and answer schemas of the API's own endpoints, so
// that it is what the browser would have been told. What fails or is slow is left out, and the browser asks as ever.
import { setTimeout as pause } from "node:timers/promises";
import { headers } from "next/headers";
import { type PersonActor, requireScope } from "@/lib/actor";
import type { Endpoint } from "@/lib/endpoint";
import { documentHeader, nowhere } from "@/lib/gateway/portal-headers";
import { limitRate } from "@/lib/http/rate-limit";
import { perMinuteOf } from "@/lib/route";

/** One question: the browser's key of it, and the verb that answers `endpoint` when asked without parameters of the address. */
export type Asked = { key: readonly unknown[]; endpoint: Endpoint; verb: (actor: PersonActor) => Promise<unknown> };
type FirstAnswer = readonly [key: readonly unknown[], answer: unknown];
/** `drawnAt` in milliseconds since the epoch: the time that the page is drawn for. */
export type FirstAnswers = { drawnAt: number; answers: FirstAnswer[] };

/** Of the request that a page is drawn for. */
type RequestHeaders = Promise<Pick<Headers, "get" | "has">>;

/** A page is not held up longer than this by a database in trouble. */
const patienceMs = 250;

async function answerOf(actor: PersonActor, { endpoint, verb }: Asked): Promise<unknown> {
  const { method, path, scope, answer } = endpoint;
  await limitRate(`${method} ${path}`, `person:${actor.userId}`, perMinuteOf(endpoint));
  if (scope !== null) requireScope(actor, scope);
  const answered = await verb(actor);
  return answer ? answer.parse(answered) : answered;
}

/** Answers what `actor` would be answered; nothing for a request that is only for a part of a page (the browser has data then). */
export async function firstAnswers(
  actor: PersonActor,
  asked: Asked[],
  request: RequestHeaders = headers(),
): Promise<FirstAnswers> {
  const drawnAt = Date.now();
  if (!(await request).has(documentHeader)) return { drawnAt, answers: [] };
  const stop = new AbortController();
  const late = pause(patienceMs, null, { signal: stop.signal, ref: false }).catch(() => null);
  const found = await Promise.all(
    asked.map((one) =>
      Promise.race([answerOf(actor, one).then((answer): FirstAnswer => [one.key, answer]), late]).catch(() => null),
    ),
  );
  stop.abort();
  return { drawnAt, answers: found.filter((answer) => answer !== null) };
}

/** Where this process's events were when the page was asked for: a stream that begins there misses nothing. Null when unknown. */
export async function eventsSeen(request: RequestHeaders = headers()): Promise<string | null> {
  const seen = (await request).get(documentHeader);
  return seen === nowhere ? null : seen;
}
