import { randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import { useDatabase } from "@/dev/test-database";
import { signInPerson } from "@/dev/test-people";
import { useConfig } from "@/dev/test-portal";
import { db } from "@/lib/db";
import { listIdle } from "@/lib/terminals/store";

useDatabase();

it("finds what nobody used, but for what another process holds, who knows whether somebody looks", async () => {
  useConfig({});
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
  const idle = await listIdle(db(), new Date(now - 30_000), "me");
  expect(idle.map(({ id }) => id).toSorted()).toEqual(found.toSorted());
});
