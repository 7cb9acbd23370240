// The portal is told to end while it is in use, and started twice: jobs are not touched, people notice little.
import { existsSync } from "node:fs";
import { expect } from "vitest";
import type { Api } from "@/e2e/api";
import type { SessionView } from "@/lib/sessions/schema";
import { type App, echo, openApp, ready, untilIn } from "./app";
import { openStream } from "./events";
import { fault, type Given } from "./fault";
import { type Ground, people } from "./ground";
import { leadersOf, startSecondPortal } from "./second-portal";
import { openShell } from "./terminal";
import { until } from "./until";

const drainSeconds = 10;

type Owned = { api: Api; session: SessionView };

/** How many sessions of one core the test cluster runs at a time; what is beyond it waits in the queue. */
const runAtOnce = 30;

/** A session that runs, or one that waits for others to end. */
const isSettled = ({ state, jobId }: SessionView): boolean =>
  state === "ready" || (state === "queued" && jobId !== null);

async function launchMany({ api }: Given, count: number): Promise<Owned[]> {
  const owners = [api("alice"), api("bob"), api("carol")];
  const wishes = Array.from({ length: count }, (_, index) => owners[index % owners.length] ?? api("alice"));
  const made = await Promise.all(wishes.map(async (owner) => ({ api: owner, id: (await owner.create(echo())).id })));
  return until(`${count} sessions run or wait`, 240, async () => {
    // One question for all of a person's: three hundred a minute are answered.
    const lists = new Map(await Promise.all(owners.map(async (owner) => [owner, await owner.live()] as const)));
    const owned = made.flatMap(({ api: owner, id }) => {
      const session = lists.get(owner)?.find((one) => one.id === id);
      return session ? [{ api: owner, session }] : [];
    });
    if (owned.length < count) return null;
    const ready = owned.filter(({ session }) => session.state === "ready");
    if (ready.length < Math.min(count, runAtOnce) || !owned.every(({ session }) => isSettled(session))) return null;
    return [...ready, ...owned.filter((one) => !ready.includes(one))];
  });
}

export type Load = { sessions: number; terminals: number };

type Opened = { app: App; directory: string };

/** Requests that take five seconds each, and are under way: templates/echo writes down that it has one. */
async function startSlow(opened: Opened[]): Promise<Promise<number>[]> {
  const slow = opened.map(({ app }) => app.get("/slow"));
  await until("every app has its request", 30, () => opened.every(({ directory }) => existsSync(`${directory}/slow`)));
  return slow;
}

async function restarted(given: Given, { sessions: count, terminals }: Load): Promise<void> {
  const { site, api, inject, audited } = given;
  const owned = await launchMany(given, count);
  const opened = await Promise.all(
    owned.slice(0, 8).map(async ({ api: owner, session: { id } }) => ({
      app: await openApp(owner, id),
      directory: `/home/${owner.who}/${audited.sessionFolder}/${id}`,
    })),
  );
  const apps = opened.map(({ app }) => app);
  const { secret } = api("alice");
  const streams = await Promise.all([openStream(site.url, secret), openStream(site.url, secret)]);
  const sockets = await Promise.all(apps.slice(0, 3).map((app) => app.socket()));
  const shells = await Promise.all(
    Array.from({ length: terminals }, (_, index) => openShell(api(people[index % people.length] ?? "alice"))),
  );
  const slow = await startSlow(opened);
  const toldAt = performance.now();
  await site.endPortal("SIGTERM");
  inject(
    `SIGTERM with ${count} sessions, ${slow.length} requests, ${sockets.length} WebSockets, ${terminals} terminals and 2 streams open`,
  );
  expect((performance.now() - toldAt) / 1000).toBeLessThan(drainSeconds + 2);
  expect(await Promise.all(slow)).toEqual(slow.map(() => 200));
  await Promise.all([...streams.map(({ ended }) => ended), ...sockets.map(({ closed }) => closed)]);
  await site.startPortal();
  for (const { api: owner, session } of owned) {
    const now = await owner.session(session.id);
    expect(now.jobId).toBe(session.jobId);
    if (session.state === "ready") expect([now.state, now.startedAt]).toEqual(["ready", session.startedAt]);
    else expect(["queued", "starting", "ready"]).toContain(now.state);
  }
  expect(await Promise.all(apps.map((app) => app.get()))).toEqual(apps.map(() => 200));
  const again = await openStream(site.url, secret, streams[0]?.lastEventId());
  // Another process has other numbers: the browser is told to ask for everything, once.
  await until("a resync", 30, () => again.events.some(({ name }) => name === "resync"));
  again.close();
  for (const shell of shells) {
    await shell.isBack();
    await shell.count();
    shell.close();
  }
}

async function doubled({ site, api, audited, inject, ...rest }: Given): Promise<void> {
  const second = await startSecondPortal(site);
  try {
    inject("a second portal");
    expect(await leadersOf(audited.databaseUrl)).toBe(1);
    const alice = api("alice");
    const other = second.api(alice);
    const made = await Promise.all([ready(alice), other.create(echo()).then(({ id }) => untilIn(alice, id, "ready"))]);
    expect((await other.live()).map(({ id }) => id).toSorted()).toEqual(made.map(({ id }) => id).toSorted());
    for (const { id } of made) expect(await (await openApp(alice, id, second.port)).get()).toBe(200);
    await site.endPortal(rest.round % 2 === 1 ? "SIGKILL" : "SIGTERM");
    inject("the end of the first");
    await until("the other one leads", 30, async () => (await leadersOf(audited.databaseUrl)) === 1);
    for (const { id } of made) await other.stop(id);
    for (const { id } of made) await untilIn(other, id, "ended");
    await site.startPortal();
    expect(await leadersOf(audited.databaseUrl)).toBe(1);
  } finally {
    await second.end();
  }
}

export function restarts(ground: () => Ground, load: Load): void {
  fault(
    "F3 told to end, the portal drains within 10 s; requests complete, streams, apps and shells go on with the next one",
    { seconds: 400, ground },
    (given) => restarted(given, load),
  );
}

export function secondPortals(ground: () => Ground): void {
  fault("F4 a second portal on the same database: one reconciler, both serve", { seconds: 240, ground }, doubled);
}
