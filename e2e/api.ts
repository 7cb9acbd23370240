// The portal's API as a script with a token uses it: what the end-to-end tests prepare with and compare the pages to.
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "@playwright/test";
import type { Answer as AnswerOf } from "@/lib/endpoints";
import { api as paths } from "@/lib/paths";
import type { ResourceRequest, SessionView } from "@/lib/sessions/schema";

export type Portal = { url: string; data: string };
export type Answer<T> = { status: number; body: T; retryAfterSeconds: number };
type Asked = { method?: "GET" | "POST" | "DELETE"; body?: unknown; headers?: Record<string, string> };

/** The portal that dev/test.ts started for this run. */
export function portalUnderTest(): Portal {
  const { BERTH_URL: url, BERTH_DATA: data } = process.env;
  if (!url || !data) throw new Error("BERTH_URL and BERTH_DATA must name a running demo; npm test sets them.");
  return { url, data };
}

const tokens = new Map<string, string>();

/** A token of a demo person, made once a process by the operators' command. */
export function token(who: string, { data }: Portal = portalUnderTest()): string {
  const key = `${who} ${data}`;
  const known = tokens.get(key);
  if (known) return known;
  const secret = execFileSync(process.execPath, ["dev/run.mjs", "token", who, "--data", data], {
    encoding: "utf8",
  }).trim();
  tokens.set(key, secret);
  return secret;
}

/** The portal's data is empty again: what was made before is no good. */
export const forgetTokens = (): void => tokens.clear();

/** One call. Throws only when there was no answer at all. `retryAfterSeconds` is 0 where none is named. */
export async function call<T>(url: string, secret: string, { method = "GET", body, headers }: Asked = {}) {
  const answer = await fetch(url, {
    method,
    headers: {
      authorization: `Bearer ${secret}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  // Each caller knows from lib/endpoints.ts what the endpoint answers.
  const parsed = (text ? JSON.parse(text) : null) as T;
  return {
    status: answer.status,
    body: parsed,
    retryAfterSeconds: Number(answer.headers.get("retry-after")),
  } satisfies Answer<T>;
}

/** A small web folder: the cheapest session there is. */
export const smallFolder = (cluster: string, more: Partial<ResourceRequest> = {}): ResourceRequest => ({
  template: "web-folder",
  cluster,
  cpus: 1,
  memoryGiB: 0.2,
  minutes: 30,
  ...more,
});

export type Api = ReturnType<typeof apiOf>;

/** What a person can do with a token (default: one that is made now). Answers that are not the expected ones fail the test with their words. */
export function apiOf(who: string, portal: Portal = portalUnderTest(), secret = token(who, portal)) {
  const ask = <T>(path: string, asked?: Asked) => call<T>(portal.url + path, secret, asked);
  const must = async <T>(path: string, asked?: Asked): Promise<T> => {
    const { status, body, retryAfterSeconds } = await ask<T>(path, asked);
    // A person's token has so many requests a minute, and all files of a suite are that person.
    if (status === 429 && retryAfterSeconds > 0) {
      await delay(retryAfterSeconds * 1000);
      return must<T>(path, asked);
    }
    if (status >= 300) throw new Error(`${asked?.method ?? "GET"} ${path} answered ${status}: ${JSON.stringify(body)}`);
    return body;
  };
  const create = (request: ResourceRequest, key: string = randomUUID()) =>
    must<SessionView>(paths.sessions(), { method: "POST", body: request, headers: { "idempotency-key": key } });
  const session = (id: string) => must<SessionView>(paths.session(id));
  const live = async () => (await must<AnswerOf<"sessions">>(`${paths.sessions()}?state=live&limit=200`)).items;
  const stop = (id: string) => must<SessionView>(paths.stop(id), { method: "POST" });
  return { who, secret, portal, ask, must, create, session, live, stop };
}

/** Waits until the session is in `state`; fails at once when it has ended instead. */
export async function untilState(api: Api, id: string, state: SessionView["state"], seconds = 60) {
  const wait = { timeout: seconds * 1000, intervals: [300], message: `session ${id} becomes ${state}` };
  await expect
    .poll(async () => {
      const { state: now, endReason, endDetail } = await api.session(id);
      if (now === "ended" && state !== "ended") throw new Error(`session ${id} ended (${endReason}): ${endDetail}`);
      return now;
    }, wait)
    .toBe(state);
  return api.session(id);
}

/** Stops whatever of this person still lives, and waits until it is gone. */
export async function stopAll(api: Api): Promise<void> {
  for (const { id } of await api.live()) await api.stop(id);
  await expect
    .poll(async () => (await api.live()).map(({ id, state }) => `${id} ${state}`), {
      timeout: 60_000,
      intervals: [500],
    })
    .toEqual([]);
}
