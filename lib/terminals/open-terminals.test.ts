import { randomBytes } from "node:crypto";
import { PassThrough } from "node:stream";
import { expect, it, onTestFinished, vi } from "vitest";
import { useDatabase } from "@/dev/test-database";
import { signInPerson } from "@/dev/test-people";
import { useConfig } from "@/dev/test-portal";
import { db } from "@/lib/db";
import * as shells from "@/lib/terminals/open-shell";
import { startTerminals } from "@/lib/terminals/open-terminals";

useDatabase();

it("says of a shell of another process that it is gone only when that one had its chance to come back", async () => {
  useConfig({});
  const { actor } = await signInPerson("alice");
  // As after an outage of the database: nobody could renew a claim.
  const insert = async (holder: string) => {
    const id = randomBytes(16).toString("hex");
    const place = { cluster: "cluster", unixAccount: "alice", name: "A", state: "open", heldBy: "portal" };
    const holderUntil = new Date(Date.now() - 5000);
    await db().terminal.create({ data: { id, ownerId: actor.userId, ...place, holder, holderUntil } });
    return id;
  };
  const [lives, died] = [await insert("lives"), await insert("died")];
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] });
  onTestFinished(() => void vi.useRealTimers());
  const terminals = await startTerminals();
  // What a look at the terminals asks of the database is answered before the last of these.
  const pass = async (seconds: number) => {
    vi.advanceTimersByTime(seconds * 1000);
    for (let times = 0; times < 30; times += 1) await db().terminal.count();
  };
  for (let times = 0; times < 2; times += 1) await pass(10);
  const holderUntil = new Date(Date.now() + 600_000);
  await db().terminal.updateMany({ where: { id: lives, state: "open" }, data: { holderUntil } });
  for (let times = 0; times < 3; times += 1) await pass(10);
  const stateOf = async (id: string) => (await db().terminal.findUnique({ where: { id } }))?.state;
  await expect.poll(() => stateOf(died)).toBe("ended");
  expect(await stateOf(lives)).toBe("open");
  vi.useRealTimers();
  await terminals.close();
});

it("keeps nothing from the next process when it is closed while a shell opens", async () => {
  useConfig({});
  const { actor } = await signInPerson("alice");
  const id = randomBytes(16).toString("hex");
  const place = { cluster: "cluster", unixAccount: "alice", name: "A", state: "new" };
  const row = await db().terminal.create({ data: { id, ownerId: actor.userId, ...place } });
  const terminals = await startTerminals();
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<shells.Shell>();
  const opener = vi.spyOn(shells, "openShell").mockImplementation(() => {
    asked.resolve();
    return answer.promise;
  });
  onTestFinished(() => opener.mockRestore());
  const opening = terminals.open({ actor, row, size: { cols: 80, rows: 24 } });
  await asked.promise;
  await terminals.close();
  const hangUp = vi.fn();
  const channel = { output: new PassThrough(), write: async () => {}, resize: () => {}, hangUp };
  answer.resolve({ channel: { ...channel, gone: new Promise(() => {}) }, heldBy: "portal", before: "", isAnswered: false });
  await expect(opening).rejects.toMatchObject({ code: "locked" });
  expect(hangUp).toHaveBeenCalledOnce();
  expect((await db().terminal.findUnique({ where: { id } }))?.holder).toBeNull();
});
