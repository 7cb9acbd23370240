import { randomBytes } from "node:crypto";
import { PassThrough } from "node:stream";
import { expect, it, onTestFinished, vi } from "vitest";
import { useDatabase } from "@/dev/test-database";
import { signInPerson } from "@/dev/test-people";
import { useConfig } from "@/dev/test-portal";
import { db } from "@/lib/db";
import * as shells from "@/lib/terminals/open-shell";
import { onEnded, startTerminals } from "@/lib/terminals/open-terminals";

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

/** A terminal that nobody has opened yet, and a shell that `answer` gives. */
async function newTerminal(answer: () => Promise<shells.Shell>) {
  useConfig({});
  const { actor } = await signInPerson("alice");
  const id = randomBytes(16).toString("hex");
  const place = { cluster: "cluster", unixAccount: "alice", name: "A", state: "new" };
  const row = await db().terminal.create({ data: { id, ownerId: actor.userId, ...place } });
  const opener = vi.spyOn(shells, "openShell").mockImplementation(answer);
  onTestFinished(() => opener.mockRestore());
  return { wish: { actor, row, size: { cols: 80, rows: 24 } }, now: () => db().terminal.findUnique({ where: { id } }) };
}

const madeUp = (gone: shells.Shell["channel"]["gone"], hangUp = () => {}): shells.Shell => ({
  channel: { output: new PassThrough(), write: async () => {}, resize: () => {}, hangUp, gone },
  heldBy: "portal",
  before: "",
  isAnswered: false,
});

it("keeps nothing from the next process when it is closed while a shell opens", async () => {
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<shells.Shell>();
  const { wish, now } = await newTerminal(() => {
    asked.resolve();
    return answer.promise;
  });
  const terminals = await startTerminals();
  const opening = terminals.open(wish);
  await asked.promise;
  await terminals.close();
  const hangUp = vi.fn();
  answer.resolve(madeUp(new Promise(() => {}), hangUp));
  await expect(opening).rejects.toMatchObject({ code: "locked" });
  expect(hangUp).toHaveBeenCalledOnce();
  expect((await now())?.holder).toBeNull();
});

it("says of a shell that ended while it was opened that it has ended, also to who asks later", async () => {
  const gone = Promise.resolve({ code: 1, wasConnectionLost: false });
  const { wish, now } = await newTerminal(async () => madeUp(gone));
  const terminals = await startTerminals();
  const live = await terminals.open(wish);
  const words = "The shell has ended with exit code 1.";
  await expect.poll(now).toMatchObject({ state: "ended", endDetail: words });
  await expect.poll(terminals.count).toBe(0);
  const tell = vi.fn();
  onEnded(live, tell);
  expect(tell).toHaveBeenCalledExactlyOnceWith(words);
  await terminals.close();
});
