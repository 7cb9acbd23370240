import { expect, it, vi } from "vitest";
import { useDatabase } from "@/dev/test-database";
import { signInPerson } from "@/dev/test-people";
import { useConfig } from "@/dev/test-portal";
import { db } from "@/lib/db";
import { recordReading } from "@/lib/files/audit";

useDatabase();
useConfig({});

it("records a reading once, also where the first try failed", async () => {
  const { actor } = await signInPerson("reader");
  const read = () => recordReading(actor, { action: "file.opened", cluster: "hpc", paths: ["/a"] });
  const transaction = vi.spyOn(db(), "$transaction").mockRejectedValueOnce(new Error("away"));
  await expect(read()).rejects.toThrow();
  transaction.mockRestore();
  await read();
  await read();
  expect(await db().event.count({ where: { action: "file.opened", ownerId: actor.userId } })).toBe(1);
});
