import { randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import { useDatabase } from "@/dev/test-database";
import { signInPerson } from "@/dev/test-people";
import { useConfig } from "@/dev/test-portal";
import { db } from "@/lib/db";
import { forgetHeld, holdTerminal, listIdle, listStillHeld, listTerminals } from "@/lib/terminals/store";

useDatabase();
useConfig({});

it("finds what nobody used, but for what another process holds, who knows whether somebody looks", async () => {
  const { actor } = await signInPerson("alice");
  const now = Date.now();
  const insert = async (holder: string | null, heldForMs: number, idleMs = 60_000) => {
    const id = randomBytes(16).toString("hex");
    const place = { cluster: "cluster", unixAccount: "alice", name: "A", state: "open" };
    const times = { holderUntil: new Date(now + heldForMs), lastActivityAt: new Date(now - idleMs) };
    await db().terminal.create({ data: { id, ownerId: actor.userId, ...place, holder, ...times } });
    return id;
  };
  const found = [await insert(null, 0), await insert("me", 30_000), await insert("died", -1000)];
  await insert("another", 30_000);
  await insert("me", 30_000, 0);
  const idle = async (mayTakeOver: boolean) =>
    (await listIdle(db(), { before: new Date(now - 30_000), me: "me", mayTakeOver })).map(({ id }) => id).toSorted();
  expect(await idle(true)).toEqual(found.toSorted());
  expect(await idle(false)).toEqual(found.slice(0, 2).toSorted());
});

async function insert(data: { state: string; holder?: string; holderUntil?: Date; heldBy?: string; endedAt?: Date }) {
  const { actor } = await signInPerson("alice");
  const id = randomBytes(16).toString("hex");
  const place = { cluster: "cluster", unixAccount: "alice", name: "A" };
  await db().terminal.create({ data: { id, ownerId: actor.userId, ...place, ...data } });
  return id;
}

it("keeps a claim that has run out for its process until another may say that this one died", async () => {
  const in30 = (ms: number) => ({ state: "open", holder: "other", holderUntil: new Date(Date.now() + ms) });
  const [over, held] = [await insert(in30(-60_000)), await insert(in30(60_000))];
  const claim = { holder: "me", seconds: 30 };
  expect(await holdTerminal(db(), over, { ...claim, mayTakeOver: false })).toBe(false);
  expect(await holdTerminal(db(), held, { ...claim, mayTakeOver: true })).toBe(false);
  expect(await holdTerminal(db(), over, { ...claim, holder: "other", mayTakeOver: false })).toBe(true);
  expect(await holdTerminal(db(), over, { ...claim, mayTakeOver: true })).toBe(false);
  await db().terminal.update({ where: { id: over }, data: in30(-60_000) });
  expect(await holdTerminal(db(), over, { ...claim, mayTakeOver: true })).toBe(true);
});

it("knows what tmux may still hold though it ended, until tmux has ended it", async () => {
  const endedAt = new Date();
  const [still, other] = [
    await insert({ state: "ended", heldBy: "tmux", endedAt }),
    await insert({ state: "open", heldBy: "tmux" }),
  ];
  await insert({ state: "ended", heldBy: "portal", endedAt });
  await insert({ state: "ended", heldBy: "tmux", endedAt: new Date(endedAt.getTime() - 86_400_000) });
  const found = async () => (await listStillHeld(db(), new Date(endedAt.getTime() - 60_000))).map(({ id }) => id);
  expect(await found()).toEqual([still]);
  for (const id of [still, other]) await forgetHeld(db(), id);
  expect(await found()).toEqual([]);
  expect((await db().terminal.findUnique({ where: { id: other } }))?.heldBy).toBe("tmux");
});

it("lists what lives, however much has ended since it was used", async () => {
  const { actor } = await signInPerson("bob");
  const place = { ownerId: actor.userId, cluster: "cluster", unixAccount: "bob", name: "A" };
  const since = new Date();
  const [usedAt, endedAt] = [new Date(since.getTime() + 60_000), new Date(since.getTime() + 120_000)];
  await db().terminal.create({ data: { id: "lives", ...place, state: "open", lastActivityAt: usedAt } });
  const ended = Array.from({ length: 100 }, (_none, at) => ({ id: `ended${at}`, ...place, state: "ended", endedAt }));
  await db().terminal.createMany({ data: ended.map((row) => ({ ...row, lastActivityAt: endedAt })) });
  const found = await listTerminals(db(), actor.userId, since);
  expect(found.map(({ id }) => id)).toContain("lives");
  expect(found).toHaveLength(100);
});
