// Twenty different wishes at once, of somebody who may have eight sessions: no moment in which there are more.
import { afterAll, expect, it } from "vitest";
import { smallFolder, stopAll } from "@/e2e/api";
import { apiAs, inDatabase } from "@/e2e/attacks/site";
import { api as paths } from "@/lib/paths";

const who = "dora";
const allowed = 8;
afterAll(() => stopAll(apiAs(who)));

it("A10 of twenty wishes at once as many are granted as the limit allows, and the rest are told so", async () => {
  const api = apiAs(who);
  await stopAll(api);
  const wish = (index: number) => ({ ...smallFolder("hpc"), name: `A10 ${index}` });
  const ask = (index: number) =>
    api.ask<{ code: string }>(paths.sessions(), {
      method: "POST",
      body: wish(index),
      headers: { "idempotency-key": `a10-${index}-${performance.now()}` },
    });
  const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => ask(index)));
  const statuses = answers.map(({ status }) => status).toSorted();
  expect(statuses).toEqual([...Array(allowed).fill(201), ...Array(20 - allowed).fill(422)]);
  for (const { status, body } of answers) if (status === 422) expect(JSON.stringify(body)).toMatch(/sessions/);
  const sql = `select count(*) from "Session" where "unixAccount" = $1 and state <> 'ended'`;
  const [row] = await inDatabase<{ count: string }>(sql, [who]);
  expect(Number(row?.count)).toBe(allowed);
});
