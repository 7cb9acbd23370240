// What only a PostgreSQL server can do: break connections, be away, collide, answer late.
import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { type FaultProxy, faultProxy } from "@/dev/fault-proxy";
import { type Postgres, startPostgres } from "@/dev/postgres";
import {
  type Change,
  closeDatabase,
  db,
  elect,
  listen,
  lock,
  lockedTransaction,
  notify,
  openDatabase,
  transaction,
} from "@/lib/db";
import { migrateServer } from "@/lib/db/migrate-server";
import { aborted, keepConnection } from "@/lib/db/own-connection";
import { openPool } from "@/lib/db/server";

const before = process.env.DATABASE_URL;
const stops: (() => unknown)[] = [];
let server: Postgres;

const key = () => `key-${Math.random().toString(36).slice(2)}`;
const put = (name: string) => transaction((tx) => tx.setting.create({ data: { key: name, value: 1 } }));
const isStored = async (name: string) => (await db().setting.count({ where: { key: name } })) === 1;

async function asAdmin<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: server.url, application_name: "administrator" });
  await client.connect();
  return work(client).finally(() => client.end());
}

/** Ends the portal's connections of this name, as an administrator or a failing network would. Returns how many. */
const kill = (name: string) =>
  asAdmin(async (client) => {
    const sql = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1";
    return (await client.query(sql, [name])).rows.length;
  });

async function throughProxy(): Promise<FaultProxy> {
  const proxy = await faultProxy({ host: "127.0.0.1", port: Number(new URL(server.url).port) });
  process.env.DATABASE_URL = server.url.replace(/:\d+\//, `:${proxy.port}/`);
  stops.push(() => proxy.close());
  return proxy;
}

beforeAll(async () => {
  server = await startPostgres();
  await migrateServer(server.url);
});

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
  await closeDatabase();
  process.env.DATABASE_URL = server.url;
});

afterAll(async () => {
  await server.remove();
  process.env.DATABASE_URL = before;
});

describe("a server that is away for a while", () => {
  it("is `unavailable` meanwhile and used again without a restart; listeners are told to refetch", async () => {
    process.env.DATABASE_URL = server.url;
    await openDatabase();
    const heard: Change[] = [];
    await listen((change) => heard.push(change));
    await put(key());
    await server.stop();
    await expect(put(key())).rejects.toMatchObject({ code: "unavailable", retryAfterSeconds: 5 });
    await expect(db().setting.count()).rejects.toMatchObject({ code: "unavailable" });
    await server.start();
    const name = key();
    await put(name);
    expect(await isStored(name)).toBe(true);
    await vi.waitFor(() => expect(heard).toContainEqual({ kind: "resync" }), { timeout: 20_000, interval: 50 });
    await transaction((tx) => notify(tx, { kind: "cluster", name }));
    await vi.waitFor(() => expect(heard).toContainEqual({ kind: "cluster", name }), { timeout: 5000 });
  });

  it("may be away when a listener comes: it hears as soon as the server is back", async () => {
    process.env.DATABASE_URL = server.url;
    await server.stop();
    const heard: Change[] = [];
    await listen((change) => heard.push(change));
    await server.start();
    await vi.waitFor(() => expect(heard).toEqual([{ kind: "resync" }]), { timeout: 20_000, interval: 50 });
  });

  it("is given up on within 12 seconds when it went silent, long before a query's own time is over, and used again", async () => {
    const proxy = await throughProxy();
    await openDatabase();
    await listen(() => {});
    await put(key());
    proxy.silence();
    const startedAt = performance.now();
    await expect(db().setting.count()).rejects.toMatchObject({ code: "unavailable" });
    expect(performance.now() - startedAt).toBeLessThan(12_000);
    await proxy.heal();
    await vi.waitFor(() => put(key()), { timeout: 20_000, interval: 100 });
  });

  it("may end a connection while somebody holds it, between two of its queries", async () => {
    const pool = openPool(server.url);
    stops.push(() => pool.end());
    const held = await pool.connect();
    const ended = new Promise<void>((resolve) => held.once("end", resolve));
    expect(await kill("berth")).toBeGreaterThan(0);
    await ended;
    held.release(true);
    expect((await pool.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
  });

  it("takes no writes while another one is the primary: that is no fault of ours", async () => {
    process.env.DATABASE_URL = server.url;
    const readOnly = (on: boolean) =>
      asAdmin(async (client) => {
        await client.query("set default_transaction_read_only = off");
        await client.query(`alter database postgres set default_transaction_read_only = ${on}`);
      });
    await readOnly(true);
    stops.push(() => readOnly(false));
    await openDatabase();
    await expect(put(key())).rejects.toMatchObject({ code: "unavailable" });
    expect(await db().setting.count()).toBeGreaterThanOrEqual(0);
  });

  it("is found missing at the start", async () => {
    process.env.DATABASE_URL = "postgresql://postgres@127.0.0.1:1/postgres";
    await expect(openDatabase()).rejects.toMatchObject({ code: "unavailable" });
  });
});

describe("a connection that breaks at COMMIT", () => {
  it("is `unavailable` when the server never saw it, and nothing is stored", async () => {
    const proxy = await throughProxy();
    const name = key();
    proxy.cutAt("COMMIT", "before");
    await expect(put(name)).rejects.toMatchObject({ code: "unavailable" });
    expect(await isStored(name)).toBe(false);
  });

  it("is `unavailable`, not tried again by itself, when the server did it and the answer was lost", async () => {
    const proxy = await throughProxy();
    const name = key();
    let tries = 0;
    proxy.cutAt("COMMIT", "after");
    const work = transaction(async (tx) => {
      tries += 1;
      await tx.setting.create({ data: { key: name, value: 1 } });
    });
    await expect(work).rejects.toMatchObject({ code: "unavailable" });
    expect(tries).toBe(1);
    expect(await isStored(name)).toBe(true);
  });
});

describe("transactions that collide", () => {
  it("are both done in the end when they lock each other out", async () => {
    process.env.DATABASE_URL = server.url;
    const [one, other, name] = [key(), key(), key()];
    let tries = 0;
    const both = new Set<string>();
    const met = Promise.withResolvers<void>();
    const inOrder = (first: string, second: string) =>
      transaction(async (tx) => {
        tries += 1;
        await lock(tx, first);
        both.add(first);
        if (both.size === 2) met.resolve();
        await met.promise;
        await lock(tx, second);
        await tx.setting.create({ data: { key: `${name}-${first}`, value: 1 } });
      });
    await Promise.all([inOrder(one, other), inOrder(other, one)]);
    expect(tries).toBeGreaterThan(2);
    expect(await db().setting.count({ where: { key: { startsWith: name } } })).toBe(2);
  });
});

describe("many transactions that hold the same key", () => {
  it("run one after the other, and leave connections to everybody else meanwhile", async () => {
    process.env.DATABASE_URL = server.url;
    const [name, held, mayEnd] = [key(), Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const order: number[] = [];
    const first = lockedTransaction(name, async (tx) => {
      held.resolve();
      await mayEnd.promise;
      await tx.setting.create({ data: { key: name, value: 0 } });
    });
    await held.promise;
    const burst = Array.from({ length: 30 }, (_, index) =>
      lockedTransaction(name, async (tx) => {
        order.push(index);
        await tx.setting.update({ where: { key: name }, data: { value: index } });
      }),
    );
    expect(await isStored(name)).toBe(false);
    // With a connection for each that waits, these would wait until the first is done, which waits for them.
    await Promise.all([put(key()), put(key())]);
    mayEnd.resolve();
    await Promise.all([first, ...burst]);
    expect(order).toEqual(Array.from({ length: 30 }, (_, index) => index));
  });

  it("go on after one that failed, and are `unavailable` in line while the server is away", async () => {
    const proxy = await throughProxy();
    await openDatabase();
    await listen(() => {});
    const name = key();
    const failed = lockedTransaction(name, () => Promise.reject(new Error("a mistake")));
    const after = lockedTransaction(name, (tx) => tx.setting.create({ data: { key: name, value: 1 } }));
    await expect(failed).rejects.toThrow("a mistake");
    expect((await after).key).toBe(name);
    proxy.silence();
    const burst = Array.from({ length: 30 }, () => lockedTransaction(name, (tx) => tx.setting.count()));
    const outcomes = await Promise.allSettled(burst);
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toEqual([]);
    await proxy.heal();
    await vi.waitFor(() => lockedTransaction(name, (tx) => tx.setting.count()), { timeout: 20_000, interval: 100 });
  });
});

describe("a connection of one's own", () => {
  it("is given up also when that is wished while it is being opened", async () => {
    const stop = new AbortController();
    const isOver = keepConnection({
      ...{ url: server.url, purpose: "test", signal: stop.signal },
      use: (_client, lost) => aborted(lost),
    });
    stop.abort();
    await isOver;
    await expect.poll(() => kill("berth test")).toBe(0);
  });
});

describe("elect", () => {
  type Candidate = { led: number; isLeading: boolean; lost: number };

  function stand(name: string, leading: { now: number; most: number }): Candidate {
    const stop = new AbortController();
    const candidate: Candidate = { led: 0, isLeading: false, lost: 0 };
    const election = elect(name, stop.signal, async (signal) => {
      Object.assign(candidate, { led: candidate.led + 1, isLeading: true });
      leading.now += 1;
      leading.most = Math.max(leading.most, leading.now);
      await new Promise<void>((done) => signal.addEventListener("abort", () => done()));
      if (!stop.signal.aborted) candidate.lost += 1;
      candidate.isLeading = false;
      leading.now -= 1;
    });
    stops.push(async () => {
      stop.abort();
      await election;
    });
    return candidate;
  }

  it("elects one of several, and another when the leader's connection is killed", async () => {
    process.env.DATABASE_URL = server.url;
    const name = key();
    const leading = { now: 0, most: 0 };
    const candidates = [stand(name, leading), stand(name, leading), stand(name, leading)];
    await vi.waitFor(() => expect(candidates.filter(({ isLeading }) => isLeading)).toHaveLength(1), {
      timeout: 10_000,
    });
    const first = candidates.find(({ isLeading }) => isLeading);
    const killLeader = (client: pg.Client) =>
      client.query(
        `select pg_terminate_backend(pid) from pg_locks join pg_stat_activity using (pid)
         where locktype = 'advisory' and application_name = $1`,
        [`berth leader ${name}`],
      );
    expect((await asAdmin(killLeader)).rowCount).toBe(1);
    await vi.waitFor(() => expect(first?.lost).toBe(1), { timeout: 10_000 });
    await vi.waitFor(() => expect(leading.now).toBe(1), { timeout: 15_000 });
    expect(candidates.reduce((sum, { led }) => sum + led, 0)).toBe(2);
  });

  it("tells a leader whose server went silent, within 8 seconds", async () => {
    const proxy = await throughProxy();
    const leading = { now: 0, most: 0 };
    const leader = stand(key(), leading);
    await vi.waitFor(() => expect(leader.isLeading).toBe(true), { timeout: 10_000 });
    proxy.silence();
    await vi.waitFor(() => expect(leader.lost).toBe(1), { timeout: 8000 });
  });

  it("hears again after its listening connection was killed, and is told to refetch", async () => {
    process.env.DATABASE_URL = server.url;
    const heard: Change[] = [];
    await listen((change) => heard.push(change));
    expect(await kill("berth listen")).toBe(1);
    await vi.waitFor(() => expect(heard).toEqual([{ kind: "resync" }]), { timeout: 10_000 });
  });
});
