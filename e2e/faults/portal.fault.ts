// The portal itself dies, is told to end, or is started twice: no job may be lost, doubled or touched.
import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import { echo, openApp, ready, untilIn } from "./app";
import { openStream } from "./events";
import { fault } from "./fault";
import { useGround } from "./ground";
import { plan } from "./plan";
import { leadersOf, startSecondPortal } from "./second-portal";
import { until } from "./until";

const ground = useGround();
const resolvedSeconds = 90;
const before = ["after-intent", "before-submit"];
const after = ["after-submit", "after-record"];
const stops = ["after-stop-intent", "after-end"];

/** In the quick part one point of each kind, otherwise all, one a round in turn. */
const pointOf = (points: string[], round: number): string =>
  points[(round - 1 + (plan().isQuick ? 1 : 0)) % points.length] ?? "";

/** The portal is killed at a named instruction of a launch and started again; nobody repeats the request. */
async function killedLaunch(
  { site, api, inject, round }: Parameters<Parameters<typeof fault>[2]>[0],
  points: string[],
) {
  const point = pointOf(points, round);
  await site.endPortal("SIGTERM");
  await site.startPortal({ PORTAL_KILL_AT: point });
  const key = randomUUID();
  const answered = await api("alice")
    .create(echo({ name: point }), key)
    .catch(() => null);
  expect(answered).toBeNull();
  inject(`killed ${point}`);
  await site.endPortal("SIGKILL");
  const startedAt = performance.now();
  await site.startPortal();
  const found = await until("the launch is resolved", resolvedSeconds, async () => {
    const [session] = await api("alice").live();
    return session && session.state !== "submitting" ? session : null;
  });
  expect(performance.now() - startedAt).toBeLessThan(resolvedSeconds * 1000);
  await untilIn(api("alice"), found.id, "ready");
  expect((await api("alice").create(echo({ name: point }), key)).id).toBe(found.id);
}

fault("F1 killed between intent and sbatch, the launch has one job within 90 s", { seconds: 240, ground }, (given) =>
  killedLaunch(given, before),
);

fault("F2 killed after sbatch, the job is adopted under the same session id", { seconds: 240, ground }, (given) =>
  killedLaunch(given, after),
);

fault("F2 killed while a session is being stopped, it ends once", { seconds: 240, ground }, async (given) => {
  const { site, api, inject, round } = given;
  const point = pointOf(stops, round);
  await site.endPortal("SIGTERM");
  await site.startPortal({ PORTAL_KILL_AT: point });
  const { id } = await ready(api("alice"));
  await api("alice")
    .stop(id)
    .catch(() => null);
  await until("the portal is dead", 60, async () =>
    fetch(site.url).then(
      () => false,
      () => true,
    ),
  );
  inject(`killed ${point}`);
  await site.endPortal("SIGKILL");
  await site.startPortal();
  expect((await untilIn(api("alice"), id, "ended")).endReason).toBe("stopped");
});

fault(
  "F3 told to end, it drains within 10 s; apps and streams go on with the next one",
  { seconds: 240, ground },
  async (given) => {
    const { site, api, inject } = given;
    const alice = api("alice");
    const sessions = await Promise.all([ready(alice), ready(api("bob"))]);
    const app = await openApp(alice, sessions[0].id);
    const stream = await openStream(site.url, alice.secret);
    const slow = app.get("/slow");
    await until("the request is on its way", 10, () => new Promise((resolve) => setTimeout(() => resolve(true), 500)));
    const toldAt = performance.now();
    await site.endPortal("SIGTERM");
    inject("SIGTERM, a request and a stream open");
    expect(performance.now() - toldAt).toBeLessThan(12_000);
    expect(await slow).toBe(200);
    await stream.ended;
    await site.startPortal();
    for (const { id } of sessions)
      expect((await (id === sessions[0].id ? alice : api("bob")).session(id)).state).toBe("ready");
    expect(await app.get()).toBe(200);
    const again = await openStream(site.url, alice.secret, stream.lastEventId());
    // Another process has other numbers: everything must be asked for again.
    await until("a resync", 10, () => again.events.some(({ name }) => name === "resync"));
    again.close();
  },
);

fault(
  "F4 a second portal on the same database: one reconciler, both serve",
  { seconds: 240, ground },
  async (given) => {
    const { site, api, audited, inject } = given;
    const second = await startSecondPortal(site);
    try {
      inject("second portal");
      expect(await leadersOf(audited.databaseUrl)).toBe(1);
      const alice = api("alice");
      const other = second.api(alice);
      const made = await Promise.all([
        ready(alice),
        other.create(echo()).then(({ id }) => untilIn(alice, id, "ready")),
      ]);
      expect((await other.live()).map(({ id }) => id).toSorted()).toEqual(made.map(({ id }) => id).toSorted());
      for (const { id } of made) expect(await (await openApp(alice, id, second.port)).get()).toBe(200);
      await site.endPortal("SIGKILL");
      inject("kill -9 of the leader or its follower");
      await until("the other one leads", 30, async () => (await leadersOf(audited.databaseUrl)) === 1);
      for (const { id } of made) await other.stop(id);
      for (const { id } of made) await untilIn(other, id, "ended");
      await site.startPortal();
    } finally {
      await second.end();
    }
  },
);
