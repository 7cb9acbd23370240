// Different wishes at once, of somebody who may have eight sessions and four GPUs: no moment in which there are more.
import { afterAll, beforeEach, expect, it } from "vitest";
import { smallFolder, stopAll } from "@/e2e/api";
import { create } from "@/e2e/attacks/ground";
import { hostile } from "@/e2e/attacks/hostile-app";
import { apiAs, inDatabase, type Reply } from "@/e2e/attacks/site";
import type { ResourceRequest } from "@/lib/sessions/schema";

const who = "dora";
const allowed = { sessions: 8, gpus: 4 };
type Use = typeof allowed;

beforeEach(() => stopAll(apiAs(who)));
afterAll(() => stopAll(apiAs(who)));

async function useNow(): Promise<Use> {
  const sums = `count(*)::int as sessions, coalesce(sum(nodes * gpus), 0)::int as gpus`;
  const [use] = await inDatabase<Use>(`select ${sums} from "Session" where "unixAccount" = $1 and state <> 'ended'`, [
    who,
  ]);
  return use ?? { sessions: 0, gpus: 0 };
}

/** Sends all wishes at the same moment. `seen`: what was used at as many moments as could be looked at until the last answer. */
async function race(wishes: ResourceRequest[]): Promise<{ answers: Reply[]; seen: Use[] }> {
  const seen: Use[] = [];
  let isOver = false;
  const looking = (async () => {
    while (!isOver) seen.push(await useNow());
  })();
  const answers = await Promise.all(wishes.map((wish) => create(who, wish))).finally(() => {
    isOver = true;
  });
  await looking;
  seen.push(await useNow());
  return { answers, seen };
}

const most = (seen: Use[], name: keyof Use): number => Math.max(...seen.map((use) => use[name]));

it("A10 of twenty wishes at once as many are granted as the limit allows, never more, and the rest are told so", async () => {
  const wishes = Array.from({ length: 20 }, (_, index) => ({ ...smallFolder("hpc"), name: `A10 ${index}` }));
  const { answers, seen } = await race(wishes);
  const statuses = answers.map(({ status }) => status).toSorted();
  expect(statuses).toEqual([...Array(allowed.sessions).fill(201), ...Array(20 - allowed.sessions).fill(422)]);
  for (const { status, body } of answers) if (status === 422) expect(body).toMatch(/sessions/);
  expect(seen.length).toBeGreaterThan(2);
  expect(most(seen, "sessions")).toBe(allowed.sessions);
  expect(seen.at(-1)?.sessions).toBe(allowed.sessions);
});

it("A10 of wishes for different numbers of GPUs at once the sum stays within the limit, and none is refused that had room", async () => {
  const wanted = [1, 2, 3, 2, 4, 1, 3, 2, 1, 3, 4, 2];
  const wishes = wanted.map((gpus, index) => hostile({ name: `A10 ${index}`, partition: "gpu", gpus }));
  const { answers, seen } = await race(wishes);
  const used = seen.at(-1)?.gpus ?? 0;
  expect(used).toBeGreaterThan(0);
  expect(most(seen, "gpus")).toBeLessThanOrEqual(allowed.gpus);
  for (const [index, { status, body }] of answers.entries()) {
    expect([201, 422], body).toContain(status);
    if (status === 201) continue;
    expect(JSON.parse(body).fields).toHaveProperty("gpus");
    expect(wanted[index]).toBeGreaterThan(allowed.gpus - used);
  }
  const granted = wanted.filter((_gpus, index) => answers[index]?.status === 201);
  expect(granted.reduce((sum, gpus) => sum + gpus, 0)).toBe(used);
});
