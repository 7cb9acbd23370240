// PostgreSQL is away, or breaks at the very moment of a COMMIT.
import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { expect } from "vitest";
import { api as paths } from "@/lib/paths";
import type { SessionView } from "@/lib/sessions/schema";
import { echo, openApp, ready, untilIn } from "./app";
import { fault, type Given } from "./fault";
import type { Ground } from "./ground";
import { plan } from "./plan";
import { openShell } from "./terminal";
import { until } from "./until";

/** Takes PostgreSQL away in one of three ways; answers what brings it back. */
async function takeAway({ site, database, inject, round }: Given): Promise<() => Promise<void>> {
  const ways = {
    "the server stopped": { away: () => site.postgres.stop(), back: () => site.postgres.start() },
    "its port closed": { away: () => database.refuse(), back: () => database.heal() },
    "the cable pulled out": { away: async () => database.silence(), back: () => database.heal() },
  };
  const [name, way] = Object.entries(ways)[(round - 1) % 3] ?? [];
  if (!name || !way) throw new Error("There are three ways.");
  await way.away();
  inject(name);
  return way.back;
}

/** How long the fault lasts. */
const outageMs = () => (plan().waits === "default" ? 60_000 : 8000);
/** A person's pace meanwhile: sixty launches a minute are allowed. */
const paceMs = 1500;

async function away(given: Given): Promise<void> {
  const { site, api } = given;
  const alice = api("alice");
  const asAlice = (path: string, init: RequestInit = {}) =>
    fetch(site.url + path, { ...init, headers: { ...init.headers, authorization: `Bearer ${alice.secret}` } });
  const { id } = await ready(alice);
  const app = await openApp(alice, id);
  const socket = await app.socket();
  const shell = await openShell(alice);
  await alice.live();
  expect(await app.get()).toBe(200);
  const giveBack = await takeAway(given);
  const endsAt = performance.now() + outageMs();
  try {
    for (let asked = 1; performance.now() < endsAt; asked += 1) {
      const refused = await asAlice(paths.sessions(), {
        method: "POST",
        headers: { "content-type": "application/json", "idempotency-key": randomUUID() },
        body: JSON.stringify(echo()),
      });
      expect([refused.status, Number(refused.headers.get("retry-after")) > 0]).toEqual([503, true]);
      const read = await asAlice(`${paths.sessions()}?state=live&limit=200`);
      expect([read.status, read.headers.has("berth-stale-since")]).toEqual([200, true]);
      expect(await app.get()).toBe(200);
      await socket.say(`still here ${asked}`);
      await shell.count();
      await pause(paceMs);
    }
  } finally {
    await giveBack();
  }
  await until("reads are fresh again", 30, async () => {
    const read = await asAlice(paths.me());
    return read.status === 200 && !read.headers.has("berth-stale-since");
  });
  const next = await until("a launch is accepted again", 30, () => alice.create(echo()));
  await untilIn(alice, next.id, "ready");
  await socket.say("all the while");
  await shell.count();
  shell.close();
  socket.close();
  expect((await alice.session(id)).state).toBe("ready");
}

const commits = [
  { of: "the wish", texts: ['INSERT INTO "public"."Session"', "COMMIT"] },
  { of: "the job's id", texts: ['"jobId" = ', "COMMIT"] },
];

/** The connection breaks at one COMMIT of a launch; the client repeats its request under the same key. */
async function brokenCommit({ api, database, inject }: Given, { of, texts }: { of: string; texts: string[] }) {
  const alice = api("alice");
  for (const when of ["before", "after"] as const) {
    const key = randomUUID();
    const asking = { method: "POST", body: echo(), headers: { "idempotency-key": key } } as const;
    const resets = database.resets();
    database.cutAt(texts, when);
    const first = await alice.ask<SessionView>(paths.sessions(), asking);
    expect(database.resets(), `a COMMIT of ${of} was cut; the answer was ${first.status}`).toBe(resets + 1);
    inject(`reset ${when} COMMIT of ${of}`);
    expect([201, 503]).toContain(first.status);
    const id = await until("the request is answered", 60, async () => {
      const { status, body } = await alice.ask<SessionView>(paths.sessions(), asking);
      return status === 201 ? body.id : null;
    });
    await untilIn(alice, id, "ready");
  }
  expect(await alice.live()).toHaveLength(2);
}

export function databaseAway(ground: () => Ground): void {
  fault(
    "F5 the database is away: reads are marked stale, no launch is accepted, apps and shells go on, and it recovers by itself",
    { seconds: 300, ground },
    away,
  );
}

export function brokenCommits(ground: () => Ground): void {
  for (const commit of commits) {
    fault(
      `F7 the connection breaks at the COMMIT of ${commit.of}: one key gives one session`,
      { seconds: 240, ground },
      (given) => brokenCommit(given, commit),
    );
  }
}
