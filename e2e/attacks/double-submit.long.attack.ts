// One wish, sent many times at once, is one job.
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, expect, it } from "vitest";
import { smallFolder, stopAll } from "@/e2e/api";
import { accepted, create } from "@/e2e/attacks/ground";
import { apiAs, inDatabase } from "@/e2e/attacks/site";
import { closeBrowser, openPage } from "@/e2e/attacks/watched-page";
import { jobsOf } from "@/e2e/machine";
import { paths } from "@/lib/paths";

const who = "paul";
const wish = (name: string) => ({ ...smallFolder("hpc"), name });
const atOnce = <T>(count: number, one: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => one(index)));
const rowsNamed = (name: string) => inDatabase<{ id: string }>(`SELECT id FROM "Session" WHERE name = $1`, [name]);

afterEach(() => stopAll(apiAs(who)));
afterAll(closeBrowser);

it("A9 twenty posts at once with one key give one session and one job", async () => {
  const name = `A9 ${randomUUID()}`;
  const key = randomUUID();
  const sessions = (await atOnce(20, () => create(who, wish(name), key))).map(accepted);
  expect(new Set(sessions.map(({ id }) => id)).size).toBe(1);
  const [row, ...others] = await rowsNamed(name);
  expect(others).toEqual([]);
  expect(row?.id).toBe(sessions[0]?.id);
  expect(jobsOf(row?.id ?? "", who)).toHaveLength(1);
  // And again when it is long done.
  expect(accepted(await create(who, wish(name), key)).id).toBe(row?.id);
});

it("A9 twenty different wishes with one key give one session, and conflicts", async () => {
  const name = `A9 ${randomUUID()}`;
  const key = randomUUID();
  const replies = await atOnce(20, (index) => create(who, { ...wish(name), minutes: 10 + index }, key));
  expect(replies.map(({ status }) => status).toSorted()).toEqual([201, ...Array(19).fill(409)]);
  expect(await rowsNamed(name)).toHaveLength(1);
});

it("A9 the same wish written in another order is the same wish", async () => {
  const key = randomUUID();
  const name = `A9 ${randomUUID()}`;
  const reversed = Object.fromEntries(Object.entries(wish(name)).toReversed());
  const [one, other] = await Promise.all([create(who, wish(name), key), create(who, reversed, key)]);
  expect(accepted(one).id).toBe(accepted(other).id);
});

it("A9 another person's key is not mine: nothing of theirs comes back", async () => {
  const key = randomUUID();
  const theirs = accepted(await create("alice", wish("theirs"), key));
  const mine = accepted(await create(who, wish("theirs"), key));
  await apiAs("alice").stop(theirs.id);
  expect(mine.id).not.toBe(theirs.id);
  expect(mine.unixAccount).toBe(who);
});

it("A9 a launch button that is clicked twice at once launches once", async () => {
  const name = `A9 ${randomUUID()}`;
  const page = await openPage(who, `${paths.compose("web-folder")}?name=${encodeURIComponent(name)}`);
  const launch = page.getByRole("button", { name: /^launch/i }).last();
  await launch.click({ trial: true });
  await launch.click({ clickCount: 2, delay: 0 });
  await page.waitForURL(/\/sessions\/[a-z][a-z0-9]{15}/);
  const rows = await rowsNamed(name);
  expect(rows).toHaveLength(1);
  expect(jobsOf(rows[0]?.id ?? "", who)).toHaveLength(1);
  await page.context().close();
});
