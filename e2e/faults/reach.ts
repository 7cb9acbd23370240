// What stands between the portal and the rest of the world breaks: login nodes, the tunnel to an app, the identity provider,
// the event stream of a browser.
import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { expect } from "vitest";
import type { FaultProxy } from "@/dev/fault-proxy";
import { TestBrowser } from "@/dev/test-browser";
import type { Api } from "@/e2e/api";
import { api as paths } from "@/lib/paths";
import type { SessionView } from "@/lib/sessions/schema";
import { echo, openApp, ready, untilIn } from "./app";
import { openStream } from "./events";
import { fault, type Given } from "./fault";
import type { Ground } from "./ground";
import { plan } from "./plan";
import { openShell } from "./terminal";
import { p95, until } from "./until";

const failOverSeconds = 5;
const handshakeSeconds = () => (plan().waits === "default" ? 10 : 3);
const retryHostSeconds = () => (plan().waits === "default" ? 30 : 5);

/** Milliseconds that `ask` took. */
async function timed(ask: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await ask();
  return performance.now() - startedAt;
}

/** Something that needs a connection as the person. */
const readLog = (api: Api, id: string) => api.must(`${paths.log(id)}?lines=20`);

/** Reads ten logs, each over a connection of its own: who looks for one each time leaves alone what is known to be down. */
async function leftAlone(api: Api, id: string, { down, up }: { down: FaultProxy; up: FaultProxy }): Promise<void> {
  const [before, startedAt] = [down.accepted(), performance.now()];
  for (let read = 0; read < 10; read += 1) {
    up.cut();
    await until("connected anew", 30, () => readLog(api, id).then(() => true));
  }
  const seconds = (performance.now() - startedAt) / 1000;
  // A cut may hit the other node while it is being dialled: then this one has its turn.
  expect(down.accepted() - before).toBeLessThanOrEqual(2 + seconds / retryHostSeconds());
}

/** In odd rounds its port is closed; in even ones it accepts and is silent, which takes a handshake to notice. */
async function loginNodeDown({ api, logins, inject, round }: Given): Promise<void> {
  const alice = api("alice");
  const { id } = await ready(alice);
  // An earlier fault may have moved everybody to the second node: what goes is the one in use.
  for (const login of logins) login.cut();
  await until("connected anew", 30, () => readLog(alice, id).then(() => true));
  const isFirst = logins[0].open() > 0;
  const [used, other] = isFirst ? logins : [logins[1], logins[0]];
  const reached = other.accepted();
  const isSilent = round % 2 === 0;
  if (isSilent) {
    used.cut();
    used.silence();
  } else await used.refuse();
  inject(`the login node in use ${isSilent ? "silent" : "gone"}: ${isFirst ? "the first" : "the second"}`);
  const created: string[] = [];
  const seconds = failOverSeconds + (isSilent ? handshakeSeconds() : 0);
  expect(await timed(async () => created.push((await alice.create(echo())).id))).toBeLessThan(seconds * 1000);
  expect(other.accepted()).toBeGreaterThan(reached);
  await untilIn(alice, created[0] ?? "", "ready");
  await leftAlone(alice, id, { down: used, up: other });
  await used.heal();
  await other.refuse();
  inject("the other one gone, this one back");
  await until("the first is used again", 30, () => readLog(alice, id).then(() => true));
}

async function loginNodeSilent({ site, api, logins, inject }: Given): Promise<void> {
  const alice = api("alice");
  const { id } = await ready(alice);
  for (const login of logins) {
    login.cut();
    login.silence();
  }
  inject("both login nodes accept and say nothing");
  const health: number[] = [];
  let isAnswered = false;
  const asked = timed(() => alice.ask(paths.log(id)).then(({ status }) => expect(status).toBeGreaterThanOrEqual(500)));
  const answered = asked.finally(() => {
    isAnswered = true;
  });
  while (!isAnswered) {
    health.push(await timed(() => fetch(site.url + paths.health())));
    // As fast as it can it would be the load that it measures.
    await pause(100);
  }
  // One handshake a node, and what the machine needs besides: three sites are broken at the same time.
  expect(await answered).toBeLessThan((2 * handshakeSeconds() + 10) * 1000);
  expect(p95(health)).toBeLessThan(300);
  // Whoever asks next knocks again; what must not be is a connection that nobody gives up.
  for (const login of logins) expect(login.oldestSeconds()).toBeLessThan(2 * handshakeSeconds() + 11);
  for (const login of logins) await login.heal();
  await until("it works again", 30, () => readLog(alice, id).then(() => true));
}

/** ssh2 gives a connection up when four signs of life in a row were not answered; resets are known at once. */
const lostSeconds = (isHalfOpen: boolean) => (isHalfOpen ? 4 * (plan().waits === "default" ? 15 : 3) + 10 : 10);

async function connectionDropped({ site, api, logins, inject, round }: Given): Promise<void> {
  const alice = api("alice");
  const { id } = await ready(alice);
  const app = await openApp(alice, id);
  const stream = await openStream(site.url, alice.secret);
  const socket = await app.socket();
  const shell = await openShell(alice);
  const said = ["one", "two", "three"];
  for (const text of said) await socket.say(text);
  await shell.scroll();
  const isHalfOpen = round % 2 === 0;
  for (const login of logins)
    if (isHalfOpen) login.freeze();
    else login.cut();
  inject(isHalfOpen ? "every SSH connection half open" : "every SSH connection reset");
  // A WebSocket cannot be healed from outside: it closes, so that the page knows, and a new one works at once.
  await until("the socket is closed", lostSeconds(isHalfOpen), () => socket.isClosed());
  expect(socket.heard).toEqual(said);
  const again = await until("a new socket", failOverSeconds, () => app.socket());
  await again.say("four");
  expect(again.heard).toEqual(["four"]);
  // A terminal says that it is away, and comes back by itself with its lines, those above the screen too.
  await shell.isBack();
  await shell.count();
  shell.close();
  expect(await app.get()).toBe(200);
  await readLog(alice, id);
  const { id: next } = await alice.create(echo());
  await until("the stream went on", 30, () => stream.events.some(({ data }) => data.includes(next)));
  await untilIn(alice, next, "ready");
  stream.close();
  again.close();
}

/** Somewhere in signing in, in what is asked before, in the script on its way, in the answer. */
const placesOfReset = [
  [200, 3000],
  [3000, 8000],
  [8000, 20_000],
] as const;

/** Each SSH connection is reset after so many bytes more; the client repeats its request under the same key. */
async function resetWhileLaunching({ api, logins, inject }: Given): Promise<void> {
  const alice = api("alice");
  await ready(alice);
  for (const [least, most] of placesOfReset) {
    const bytes = Math.round(least + Math.random() * (most - least));
    const asking = { method: "POST", body: echo(), headers: { "idempotency-key": randomUUID() } } as const;
    for (const login of logins) login.limit(bytes);
    inject(`SSH reset after ${bytes} bytes of a launch`);
    const { status } = await alice.ask<SessionView>(paths.sessions(), asking);
    expect([201, 503]).toContain(status);
    for (const login of logins) await login.heal();
    const { body } = await until("the request is answered", 60, async () => {
      const answer = await alice.ask<SessionView>(paths.sessions(), asking);
      return answer.status === 201 ? answer : null;
    });
    await untilIn(alice, body.id, "ready");
  }
  expect(await alice.live()).toHaveLength(1 + placesOfReset.length);
}

/** A login node, a database and an identity provider at the other end of a country. */
async function everythingFar({ site, api, logins, database, provider, inject }: Given): Promise<void> {
  const alice = api("alice");
  for (const proxy of [...logins, provider]) {
    // What is connected already would be near still.
    proxy.cut();
    proxy.delay(60);
  }
  database.delay(3);
  inject("SSH and the identity provider late by 120 ms a round trip, the database by 6 ms");
  const { id } = await ready(alice);
  const shell = await openShell(alice);
  await shell.count();
  shell.close();
  expect(await (await openApp(alice, id)).get()).toBe(200);
  await readLog(alice, id);
  expect((await new TestBrowser(site.url).signIn("bob")).pathname).toBe("/");
  const health: number[] = [];
  for (let asked = 0; asked < 20; asked += 1) health.push(await timed(() => fetch(site.url + paths.health())));
  expect(p95(health)).toBeLessThan(300);
}

async function providerAway({ site, api, provider, inject, round }: Given): Promise<void> {
  const browser = new TestBrowser(site.url);
  await browser.signIn("bob");
  if (round % 2 === 1) await provider.refuse();
  else provider.silence();
  inject(round % 2 === 1 ? "identity provider gone" : "identity provider silent");
  expect((await browser.send(paths.me())).status).toBe(200);
  await ready(api("bob"));
  const stranger = new TestBrowser(site.url);
  const lead = await stranger.begin();
  expect(lead).toContain("provider-unreachable");
  const page = await (await stranger.send(lead)).text();
  expect(page).toContain("cannot be reached");
  await provider.heal();
  await until(
    "signing in works again",
    30,
    async () => (await new TestBrowser(site.url).signIn("carol")).pathname === "/",
  );
}

/** A tab that slept: its stream is gone, things happen, it comes back and says what it heard last. */
async function tabsSleep({ site, api, inject }: Given): Promise<void> {
  const alice = api("alice");
  const tabs = await Promise.all([1, 2, 3].map(() => openStream(site.url, alice.secret)));
  const { id } = await ready(alice);
  for (const tab of tabs)
    await until("every tab heard of it", 10, () => tab.events.some(({ data }) => data.includes(id)));
  const heardBefore = tabs[0]?.events.map((event) => event.id) ?? [];
  tabs[0]?.close();
  inject("a tab slept, two of its copies did not");
  await alice.stop(id);
  await untilIn(alice, id, "ended");
  await until("the others heard", 10, () => (tabs[1]?.events.length ?? 0) > heardBefore.length);
  const back = await openStream(site.url, alice.secret, tabs[0]?.lastEventId());
  const missed = () => back.events.filter(({ name }) => name === "session");
  await until("it is told what it missed", 10, () => missed().length > 0);
  expect(missed().every((event) => !heardBefore.includes(event.id))).toBe(true);
  expect(back.events.filter(({ name }) => name === "resync")).toEqual([]);
  const stranger = await openStream(site.url, alice.secret, "another-7");
  await until("one that nobody knows is told to ask for all", 10, () =>
    stranger.events.some(({ name }) => name === "resync"),
  );
  // A loop would be a second one at the heels of the first.
  await ready(alice);
  expect(stranger.events.filter(({ name }) => name === "resync")).toHaveLength(1);
  for (const stream of [...tabs, back, stranger]) stream.close();
}

export function loginNodes(ground: () => Ground): void {
  fault(
    "F13 a login node is down: the other one within 5 s, without knocking at this one again and again, and back",
    { seconds: 240, ground },
    loginNodeDown,
  );
  fault(
    "F14 login nodes accept and stay silent: the handshake times out, the portal stays quick, the slot is freed",
    { seconds: 240, ground },
    loginNodeSilent,
  );
}

export function droppedConnections(ground: () => Ground): void {
  fault(
    "F15 the SSH connection drops, or is half open: a WebSocket closes and opens anew, a shell comes back, logs and events go on, nothing is said twice",
    { seconds: 240, ground },
    connectionDropped,
  );
}

export function farAway(ground: () => Ground): void {
  fault(
    "F9 everything is far away: all of it works, and nothing stands still",
    { seconds: 240, ground },
    everythingFar,
  );
}

export function resetLaunches(ground: () => Ground): void {
  fault(
    "F15 the SSH connection is reset at some byte of a launch: one key gives one session, one job",
    { seconds: 240, ground },
    resetWhileLaunching,
  );
}

export function providers(ground: () => Ground): void {
  fault(
    "F22 the identity provider is away: logins last, the sign-in page says why",
    { seconds: 240, ground },
    providerAway,
  );
}

export function sleepingTabs(ground: () => Ground): void {
  fault("F26 a tab sleeps: it is told what it missed, or once to ask for all", { seconds: 240, ground }, tabsSleep);
}
