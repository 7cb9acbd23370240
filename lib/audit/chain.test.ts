// P7: the chain over events holds, and shows whatever was changed behind the portal's back.
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { useDatabase } from "@/dev/test-database";
import { useConfig } from "@/dev/test-portal";
import { recordEvent } from "@/lib/audit/record-event";
import { type Noted, sealStep } from "@/lib/audit/seal-events";
import { verifyEvents } from "@/lib/audit/verify-events";
import { db, transaction } from "@/lib/db";

useDatabase();
beforeAll(() => useConfig({}));

const record = (id: string) =>
  transaction((tx) => recordEvent(tx, { actor: { kind: "system" }, action: "a.b", subject: { kind: "thing", id } }));

/** As much as can be sealed while something is under way. */
async function trySeal(): Promise<void> {
  let noted: Noted = await sealStep(null);
  for (let looks = 0; noted && looks < 50; looks += 1) noted = await sealStep(noted);
}

async function seal(): Promise<void> {
  let noted: Noted = await sealStep(null);
  // Transactions of other tests on the same server must have ended first.
  await expect.poll(async () => (noted = await sealStep(noted)), { timeout: 30_000, interval: 5 }).toBeNull();
}

/** Does what only the database's owner can, and undoes it after `look`. */
async function behindItsBack<T>(change: string, undo: string, look: () => Promise<T>): Promise<T> {
  const without = (sql: string) =>
    db().$transaction([
      db().$executeRawUnsafe(`alter table "Event" disable trigger all`),
      db().$executeRawUnsafe(`alter table "EventSeal" disable trigger all`),
      db().$executeRawUnsafe(sql),
      db().$executeRawUnsafe(`alter table "Event" enable trigger all`),
      db().$executeRawUnsafe(`alter table "EventSeal" enable trigger all`),
    ]);
  await without(change);
  return look().finally(() => without(undo));
}

const copy = `insert into "Event" (select * from kept)`;
const keep = (where: string) => db().$executeRawUnsafe(`create table kept as select * from "Event" where ${where}`);
const drop = () => db().$executeRawUnsafe("drop table kept");

describe("the chain", () => {
  beforeEach(async () => {
    for (const id of ["one", "two", "three"]) await record(id);
    await seal();
  });

  it("covers every event once it is final, and verifies", async () => {
    const report = await verifyEvents();
    expect(report).toMatchObject({ unsealed: 0, problems: [], formerSecret: 0 });
    expect(report.events).toBe(await db().event.count());
    expect(report.links).toBe(report.head?.number);
    expect(await verifyEvents(report.head ?? undefined)).toMatchObject({ problems: [] });
  });

  it("does not reach past a transaction that is still under way", async () => {
    const release = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const slow = db().$transaction(async (tx) => {
      await recordEvent(tx, { actor: { kind: "system" }, action: "a.b", subject: { kind: "thing", id: "slow" } });
      begun.resolve();
      await release.promise;
    });
    await begun.promise;
    // The embedded database has one connection: there nothing else can happen meanwhile, and the question waits.
    const sealed = process.env.DATABASE_URL ? record("quick").then(trySeal) : Promise.resolve();
    await sealed;
    release.resolve();
    await slow;
    await seal();
    expect(await verifyEvents()).toMatchObject({ unsealed: 0, problems: [] });
  });

  it("shows an event that was changed", async () => {
    const change = `update "Event" set "subjectId" = 'other' where "subjectId" = 'two'`;
    const undo = `update "Event" set "subjectId" = 'two' where "subjectId" = 'other'`;
    const { problems } = await behindItsBack(change, undo, () => verifyEvents());
    expect(problems[0]).toMatch(/^link \d+ .* does not match: an event in it was changed\.$/);
    expect((await verifyEvents()).problems).toEqual([]);
  });

  it("shows an event that was removed", async () => {
    await keep(`"subjectId" = 'three'`);
    const { problems } = await behindItsBack(`delete from "Event" where "subjectId" = 'three'`, copy, () =>
      verifyEvents(),
    );
    await drop();
    expect(problems[0]).toMatch(/was made over \d+ events; \d+ are there\.$/);
  });

  it("shows a link that was made anew without the portal's secret", async () => {
    const change = `update "EventSeal" set "signature" = 'forged' where "number" = 1`;
    const [first] = await db().eventSeal.findMany({ where: { number: 1 } });
    const undo = `update "EventSeal" set "signature" = '${first?.signature}' where "number" = 1`;
    const { problems } = await behindItsBack(change, undo, () => verifyEvents());
    expect(problems).toEqual([expect.stringMatching(/^link 1 .* was not signed by this portal\.$/)]);
  });

  it("shows that its end was cut off, to who noted a link elsewhere", async () => {
    const { problems } = await verifyEvents({ number: 1, hash: "f".repeat(64) });
    expect(problems).toEqual([expect.stringContaining("it was cut or made anew")]);
  });

  it("still holds after the secret was changed, and says how much was signed before", async () => {
    const { links } = await verifyEvents();
    const before = process.env.PORTAL_SECRET;
    process.env.PORTAL_SECRET = "Zx8vN3qLw6RtY1uPa5SdF9gHj2KbMc7e";
    const report = await verifyEvents();
    process.env.PORTAL_SECRET = before;
    expect(report).toMatchObject({ problems: [], formerSecret: links });
  });

  it.each(["Event", "EventSeal"])("is of rows in %s that nobody changes, removes or truncates", async (table) => {
    for (const sql of [`delete from "${table}"`, `truncate "${table}"`]) {
      await expect(db().$executeRawUnsafe(sql)).rejects.toThrow(/append-only/);
    }
    const [column, value] = table === "Event" ? ["action", "x"] : ["hash", "x"];
    await expect(db().$executeRawUnsafe(`update "${table}" set "${column}" = '${value}'`)).rejects.toThrow(
      /append-only/,
    );
  });
});
