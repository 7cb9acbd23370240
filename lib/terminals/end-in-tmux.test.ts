import { randomBytes } from "node:crypto";
import { beforeEach, expect, it, vi } from "vitest";
import { useDatabase } from "@/dev/test-database";
import { signInPerson } from "@/dev/test-people";
import { useConfig } from "@/dev/test-portal";
import { db } from "@/lib/db";
import { endStillHeld } from "@/lib/terminals/end-in-tmux";
import * as shells from "@/lib/terminals/open-shell";

useDatabase();
useConfig({});
beforeEach(async () => {
  await db().terminal.deleteMany();
  vi.restoreAllMocks();
});

async function insert(cluster: string, agoMinutes: number) {
  const { actor } = await signInPerson("alice");
  const id = randomBytes(16).toString("hex");
  const what = { unixAccount: "alice", name: "A", state: "ended", heldBy: "tmux" };
  await db().terminal.create({
    data: { id, ownerId: actor.userId, cluster, ...what, endedAt: new Date(Date.now() - agoMinutes * 60_000) },
  });
  return id;
}
const heldBy = async (id: string) => (await db().terminal.findUnique({ where: { id } }))?.heldBy;

it("asks a cluster that fails once in a round, others all the same, and each shell in its turn", async () => {
  const [failing, behind] = [await insert("away", 10), await insert("away", 20)];
  const other = await insert("near", 30);
  const asked: string[] = [];
  vi.spyOn(shells, "endHeld").mockImplementation(async ({ id }) => {
    asked.push(id);
    if (id === failing) throw new Error("no answer");
    return true;
  });
  await endStillHeld();
  expect(asked.toSorted()).toEqual([failing, other].toSorted());
  await endStillHeld();
  expect(await heldBy(behind)).toBeNull();
  expect(await heldBy(failing)).toBe("tmux");
});

it("keeps what may be on another login node", async () => {
  const [elsewhere, ended] = [await insert("near", 10), await insert("near", 20)];
  vi.spyOn(shells, "endHeld").mockImplementation(async ({ id }) => id !== elsewhere);
  await endStillHeld();
  expect(await heldBy(elsewhere)).toBe("tmux");
  expect(await heldBy(ended)).toBeNull();
});
