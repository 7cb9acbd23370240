// The portal is killed at named instructions of lib/kill-point.ts, and at random moments: what was committed before the kill
// must be enough for the next process.
import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { expect } from "vitest";
import type { Api } from "@/e2e/api";
import { api as paths } from "@/lib/paths";
import type { SessionView } from "@/lib/sessions/schema";
import { echo, ready, untilIn } from "./app";
import { fault, type Given, stopEverything } from "./fault";
import type { Ground } from "./ground";
import { plan } from "./plan";
import { until } from "./until";

const resolvedSeconds = 90;
const before = ["after-intent", "before-submit"];
const after = ["after-submit", "after-record"];
const stops = ["after-stop-intent", "after-end"];

/** One of the points a round, in turn; a single round with the default waits has another than a quick one. */
const pointOf = (points: string[], round: number): string =>
  points[(round + (plan().waits === "short" ? 0 : 1)) % points.length] ?? "";

async function startDoomed({ site }: Given, point: string): Promise<void> {
  await site.endPortal("SIGTERM");
  await site.startPortal({ PORTAL_KILL_AT: point });
}

/** Once at each of the points; the session of the one is over before the next. */
async function killedLaunches(given: Given, points: string[]): Promise<void> {
  for (const point of points) {
    await killedLaunch(given, point);
    await stopEverything(given);
  }
}

/** Killed during a launch and started again; nobody repeats the request until all is resolved. */
async function killedLaunch(given: Given, point: string): Promise<void> {
  const { site, api, inject } = given;
  const alice = api("alice");
  await startDoomed(given, point);
  const key = randomUUID();
  const answered = await alice.create(echo({ name: point }), key).catch(() => null);
  expect(answered).toBeNull();
  inject(`kill -9 ${point}`);
  await site.endPortal("SIGKILL");
  const startedAt = performance.now();
  await site.startPortal();
  const found = await until("the launch is resolved", resolvedSeconds, async () => {
    const [session] = await alice.live();
    return session && session.state !== "submitting" ? session : null;
  });
  expect(performance.now() - startedAt).toBeLessThan(resolvedSeconds * 1000);
  await untilIn(alice, found.id, "ready");
  expect((await alice.create(echo({ name: point }), key)).id).toBe(found.id);
}

async function killedStop(given: Given, point: string): Promise<void> {
  const { site, api, inject } = given;
  const alice = api("alice");
  await startDoomed(given, point);
  const { id } = await ready(alice);
  await alice.stop(id).catch(() => null);
  const isDead = () =>
    fetch(site.url).then(
      () => false,
      () => true,
    );
  await until("the portal is dead", 60, isDead);
  inject(`kill -9 ${point}`);
  await site.endPortal("SIGKILL");
  await site.startPortal();
  expect((await untilIn(alice, id, "ended")).endReason).toBe("stopped");
}

/** Asks until there is an answer, as a client does that lost its connection. */
async function launchSurely(api: Api, name: string): Promise<string> {
  const asked = { method: "POST", body: echo({ name }), headers: { "idempotency-key": name } } as const;
  return until(`${name} is answered`, 240, async () => {
    const { status, body } = await api.ask<SessionView>(paths.sessions(), asked);
    return status < 300 ? body.id : null;
  });
}

/** Then it is left alone: on a busy machine no launch would ever get through between two kills. */
const mostKills = 8;

async function killedAtRandom({ site, api, inject, round }: Given): Promise<void> {
  const names = Array.from({ length: 6 }, (_, index) => `random ${round} ${index}`);
  const owners = [api("alice"), api("bob"), api("carol")];
  let left = names.length;
  const launched = names.map((name, index) => {
    const owner = owners[index % owners.length] ?? api("alice");
    return launchSurely(owner, name).finally(() => {
      left -= 1;
    });
  });
  for (let kills = 0; kills < 2 || (left > 0 && kills < mostKills); kills += 1) {
    const momentMs = Math.round(100 + Math.random() * 2500);
    await pause(momentMs);
    await site.endPortal("SIGKILL");
    inject(`kill -9 after ${momentMs} ms`);
    await site.startPortal();
  }
  const ids = await Promise.all(launched);
  expect(new Set(ids).size).toBe(names.length);
  for (const [index, id] of ids.entries()) await untilIn(owners[index % owners.length] ?? api("alice"), id, "ready");
}

export function launchKills(ground: () => Ground): void {
  fault("F1 killed between intent and sbatch, a launch has one job within 90 s", { seconds: 400, ground }, (given) =>
    killedLaunches(given, before),
  );
  fault("F2 killed after sbatch, the job is adopted under the same session id", { seconds: 400, ground }, (given) =>
    killedLaunches(given, after),
  );
}

export function otherKills(ground: () => Ground): void {
  fault("F2 killed while a session is being stopped, it ends once", { seconds: 240, ground }, (given) =>
    killedStop(given, pointOf(stops, given.round)),
  );
  fault("F2 killed at random moments of six launches, there are six jobs", { seconds: 400, ground }, killedAtRandom);
}
