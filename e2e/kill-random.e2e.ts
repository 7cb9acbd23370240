// Twenty launches by three people while the portal is killed at random moments, with clients that repeat their request
// under the same key until it is answered.
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "@playwright/test";
import type { Portal } from "@/dev/test/portals";
import { type Api, apiOf, smallFolder, stopAll } from "@/e2e/api";
import {
  directoriesOf,
  expectOneOfEach,
  expectQuota,
  isForeign,
  named,
  portalPid,
  startAgain,
  startFresh,
  stopPortal,
  untilResolved,
} from "@/e2e/kill";
import { slurm } from "@/e2e/machine";
import { api as paths } from "@/lib/paths";
import type { SessionView } from "@/lib/sessions/schema";

const people = ["alice", "bob", "carol"];
const launches = 20;
const leastKills = 5;
const run = `random ${Date.now()}`;

/** Asks until there is an answer, as a client does that lost its connection. Answers how often it asked. */
async function launchSurely(api: Api, name: string): Promise<{ session: SessionView; asked: number }> {
  const asking = { method: "POST", body: smallFolder("hpc", { name }), headers: { "idempotency-key": name } } as const;
  let asked = 0;
  let session: SessionView | null = null;
  const hasAnswer = async () => {
    asked += 1;
    const answer = await api.ask<SessionView>(paths.sessions(), asking).catch(() => null);
    if (answer && answer.status < 300) session = answer.body;
    else if (answer && answer.status < 500 && answer.status !== 429) throw new Error(JSON.stringify(answer.body));
    return session;
  };
  await expect.poll(hasAnswer, { timeout: 300_000, intervals: [300], message: `${name} is answered` }).not.toBeNull();
  if (!session) throw new Error(`${name} was never answered`);
  return { session, asked };
}

/** Kills the portal at random moments, restarting it each time, until `isDone`. Answers after how many ms it killed. */
async function killAtRandom(first: Portal, isDone: () => boolean): Promise<number[]> {
  const kills: number[] = [];
  let portal = first;
  while (!isDone() || kills.length < leastKills) {
    // The fault itself: whatever the portal is at by then, between two awaits or inside one, is where it is killed.
    const after = Math.round(200 + Math.random() * 2800);
    await delay(after);
    process.kill(portalPid(), "SIGKILL");
    kills.push(after);
    await portal.ended;
    portal = await startAgain();
  }
  return kills;
}

test.afterEach(stopPortal);

test("kill -9 at random moments during twenty launches: one job each, none lost", async () => {
  test.setTimeout(900_000);
  const first = await startFresh();
  const apis = people.map((who) => apiOf(who));
  const before = new Map(people.map((who) => [who, directoriesOf(who)]));
  let left = launches;
  const wishes = Array.from({ length: launches }, (_, index) => ({ index, api: apis[index % apis.length] as Api }));
  const byPerson = apis.map(async (api) => {
    const made: { session: SessionView; asked: number }[] = [];
    for (const wish of wishes.filter((one) => one.api === api)) {
      made.push(await launchSurely(api, `${run} ${wish.index}`));
      left -= 1;
    }
    return made;
  });
  const killing = killAtRandom(first, () => left === 0);
  const made = (await Promise.all(byPerson)).flat();
  const kills = await killing;
  test.info().annotations.push({ type: "killed after (ms)", description: kills.join(" ") });

  const answered = made.map(({ session }) => session.id);
  expect(new Set(answered).size).toBe(launches);
  const resolved = (await Promise.all(apis.map((api) => untilResolved(api, run)))).flat();
  expect(resolved.map(({ id }) => id).toSorted()).toEqual(answered.toSorted());
  expect(resolved.filter(({ state }) => state === "ended").map(({ id, endDetail }) => `${id} ${endDetail}`)).toEqual(
    [],
  );
  for (const api of apis) {
    const own = await named(api, run);
    for (const { id } of own) await expectOneOfEach(api, id);
    // One that is being made has nothing yet that tells whose it is.
    const fresh = () =>
      directoriesOf(api.who)
        .filter((name) => !before.get(api.who)?.includes(name) && !isForeign(api.who, name, run))
        .toSorted();
    await expect.poll(fresh, { timeout: 30_000 }).toEqual(own.map(({ id }) => id).toSorted());
  }
  const queued = slurm(["squeue", "-h", "-o", "%j"]).filter((name) => name.startsWith("berth-"));
  expect(queued.toSorted()).toEqual(answered.map((id) => `berth-${id}`).toSorted());
  for (const api of apis) {
    await stopAll(api);
    await expectQuota(api);
  }
});
