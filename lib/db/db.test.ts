import { describe, expect, it, vi } from "vitest";
import { useDatabase } from "@/dev/test-database";
import { type Change, db, elect, isUniqueViolation, listen, lock, notify, transaction } from "@/lib/db";

useDatabase();

const key = () => `key-${Math.random().toString(36).slice(2)}`;
const put = (name: string, value: number) => db().setting.create({ data: { key: name, value } });
const stored = async (name: string) => (await db().setting.findUnique({ where: { key: name } }))?.value;

describe("transaction", () => {
  it("commits what the work did and returns its result", async () => {
    const name = key();
    const result = await transaction(async (tx) => {
      await tx.setting.create({ data: { key: name, value: 1 } });
      return "done";
    });
    expect(result).toBe("done");
    expect(await stored(name)).toBe(1);
  });

  it("undoes everything when the work throws, and passes the error on", async () => {
    const name = key();
    const work = transaction(async (tx) => {
      await tx.setting.create({ data: { key: name, value: 1 } });
      throw new Error("changed my mind");
    });
    await expect(work).rejects.toThrow("changed my mind");
    expect(await stored(name)).toBeUndefined();
  });

  it("does not report a commit that was a rollback because a failed query was swallowed", async () => {
    const [name, taken] = [key(), key()];
    await put(taken, 1);
    const work = transaction(async (tx) => {
      await tx.setting.create({ data: { key: name, value: 1 } });
      await tx.setting.create({ data: { key: taken, value: 2 } }).catch(() => {});
    });
    await expect(work).rejects.toThrow();
    expect(await stored(name)).toBeUndefined();
  });

  it("lets thirty wait for their turn", async () => {
    const name = key();
    await put(name, 0);
    const add = () =>
      transaction(async (tx) => {
        await lock(tx, name);
        const row = await tx.setting.findUniqueOrThrow({ where: { key: name } });
        await tx.$executeRaw`select pg_sleep(0.01)`;
        await tx.setting.update({ where: { key: name }, data: { value: Number(row.value) + 1 } });
      });
    await Promise.all(Array.from({ length: 30 }, add));
    expect(await stored(name)).toBe(30);
  });

  it("knows a duplicate of a unique row from other errors", async () => {
    const name = key();
    await put(name, 1);
    const error = await put(name, 2).catch((reason: unknown) => reason);
    expect(isUniqueViolation(error)).toBe(true);
    expect(isUniqueViolation(new Error("else"))).toBe(false);
  });
});

describe("rows", () => {
  it("keeps an instant to the millisecond, whatever the zone of process and server", async () => {
    const name = key();
    const createdAt = new Date("2026-03-29T01:30:00.123Z");
    const data = {
      id: name,
      issuer: "https://id.example",
      subject: name,
      name: "Ana",
      roles: [],
      groups: [],
      createdAt,
    };
    await db().user.create({ data });
    const [row] = await db().$queryRaw<{ epoch: number }[]>`
      select extract(epoch from "createdAt")::float8 as epoch from "User" where id = ${name}`;
    expect(row?.epoch).toBe(createdAt.getTime() / 1000);
    expect((await db().user.findUniqueOrThrow({ where: { id: name } })).createdAt).toEqual(createdAt);
  });

  it("refuses to change or remove an event", async () => {
    const data = { actorKind: "system", action: "session.end", subjectKind: "session", subjectId: key() };
    const { id } = await db().event.create({ data });
    await expect(db().event.update({ where: { id }, data: { action: "nothing" } })).rejects.toThrow("append-only");
    await expect(db().event.delete({ where: { id } })).rejects.toThrow("append-only");
    await expect(db().$executeRaw`truncate "Event"`).rejects.toThrow("append-only");
    expect((await db().event.findUniqueOrThrow({ where: { id } })).action).toBe("session.end");
  });
});

describe("notify and listen", () => {
  it("tells every handler after the commit, and nothing of what was undone", async () => {
    const heard: Change[] = [];
    const also: Change[] = [];
    const ends = await Promise.all([listen((change) => heard.push(change)), listen((change) => also.push(change))]);
    const undone = transaction(async (tx) => {
      await notify(tx, { kind: "cluster", name: "undone" });
      throw new Error("no");
    });
    await expect(undone).rejects.toThrow("no");
    const change: Change = { kind: "session", id: key(), ownerId: "ana" };
    await transaction(async (tx) => {
      await notify(tx, change);
      await tx.$executeRaw`select pg_sleep(0.05)`;
      expect(heard).toEqual([]);
    });
    await vi.waitFor(() => expect(heard).toEqual([change]), { timeout: 15_000 });
    await vi.waitFor(() => expect(also).toEqual([change]), { timeout: 15_000 });
    await Promise.all(ends.map((end) => end()));
    await transaction((tx) => notify(tx, change));
    expect(heard).toHaveLength(1);
  });

  it("keeps telling the others when one handler throws", async () => {
    const heard: Change[] = [];
    const change: Change = { kind: "login", userId: key() };
    const ends = [
      await listen(() => {
        throw new Error("broken handler");
      }),
      await listen((next) => heard.push(next)),
    ];
    await transaction((tx) => notify(tx, change));
    await vi.waitFor(() => expect(heard).toContainEqual(change), { timeout: 15_000 });
    await Promise.all(ends.map((end) => end()));
  });
});

describe("elect", () => {
  it("elects, aborts the work with the caller's signal, and ends", async () => {
    const stop = new AbortController();
    const elected = Promise.withResolvers<AbortSignal>();
    const election = elect(key(), stop.signal, async (signal) => {
      elected.resolve(signal);
      await new Promise<void>((done) => signal.addEventListener("abort", () => done()));
    });
    const signal = await elected.promise;
    expect(signal.aborted).toBe(false);
    stop.abort();
    await election;
    expect(signal.aborted).toBe(true);
  });

  it("elects again after the work failed", async () => {
    const stop = new AbortController();
    let tries = 0;
    await elect(key(), stop.signal, async () => {
      tries += 1;
      if (tries === 1) throw new Error("first try fails");
    });
    expect(tries).toBe(2);
  });
});
