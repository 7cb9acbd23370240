import { randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import { useDatabase } from "@/dev/test-database";
import { signInPerson } from "@/dev/test-people";
import { useConfig } from "@/dev/test-portal";
import { db } from "@/lib/db";
import { endTerminal, getTerminal, renameTerminal } from "@/lib/terminals/change-terminal";

useDatabase();

it("gives another name to one that lives, and none to one that has ended", async () => {
  useConfig({});
  const { actor } = await signInPerson("alice");
  const id = randomBytes(16).toString("hex");
  const place = { cluster: "cluster", unixAccount: "alice", name: "A", state: "open" };
  await db().terminal.create({ data: { id, ownerId: actor.userId, ...place } });
  expect((await renameTerminal(actor, id, "B")).name).toBe("B");
  await endTerminal(actor, id);
  await expect(renameTerminal(actor, id, "C")).rejects.toMatchObject({ code: "conflict", message: "It has ended." });
  expect((await getTerminal(actor, id)).name).toBe("B");
});
