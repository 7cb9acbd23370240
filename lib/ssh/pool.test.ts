import { describe, expect, it, vi } from "vitest";
import type { Connection } from "./connection";
import { type ConnectionPool, connectionPool, type Lease, type PoolSettings } from "./pool";

type Faked = Connection & { drop(): void; isClosed: boolean };

function fakeConnection(): Faked {
  let isOpen = true;
  const listeners: (() => void)[] = [];
  const faked: Omit<Faked, "client"> = {
    node: { host: "login1", port: 22 },
    openedAt: performance.now(),
    isClosed: false,
    isOpen: () => isOpen,
    onEnd: (listener) => {
      listeners.push(listener);
      return () => {};
    },
    close: () => {
      faked.isClosed = true;
      isOpen = false;
    },
    drop: () => {
      isOpen = false;
      for (const listener of listeners) listener();
    },
  };
  // The pool never touches the client; its users do.
  return faked as Faked;
}

function pooled(settings: Partial<PoolSettings> = {}): { pool: ConnectionPool; dialled: Faked[] } {
  const dialled: Faked[] = [];
  const dial = async () => {
    const connection = fakeConnection();
    dialled.push(connection);
    return connection;
  };
  return { pool: connectionPool({ maxConnections: 2, maxChannels: 2, idleSeconds: 60, dial, ...settings }), dialled };
}

const forever = new AbortController().signal;
const many = (pool: ConnectionPool, count: number): Promise<Lease[]> =>
  Promise.all(Array.from({ length: count }, () => pool.lease(forever)));

describe("a pool of connections", () => {
  it("dials once for callers that come together, and fills a connection before it opens another", async () => {
    const { pool, dialled } = pooled();
    await many(pool, 2);
    expect(dialled).toHaveLength(1);
    await many(pool, 2);
    expect(dialled).toHaveLength(2);
  });

  it("makes callers wait, in their order, once all connections are full", async () => {
    const { pool, dialled } = pooled();
    const held = await many(pool, 4);
    const got: string[] = [];
    const waiting = ["first", "second"].map((name) => pool.lease(forever).then(() => got.push(name)));
    held[0]?.release();
    held[0]?.release(); // twice must not make room twice
    await waiting[0];
    expect(got).toEqual(["first"]);
    held[3]?.release();
    await waiting[1];
    expect(dialled).toHaveLength(2);
  });

  it("forgets a caller that gave up", async () => {
    const { pool } = pooled({ maxConnections: 1, maxChannels: 1 });
    const [held] = await many(pool, 1);
    const caller = new AbortController();
    const waiting = pool.lease(caller.signal);
    caller.abort();
    await expect(waiting).rejects.toThrow("No longer wanted");
    held?.release();
    await expect(pool.lease(forever)).resolves.toBeTruthy();
  });

  it("tells every waiting caller why it cannot connect, and tries again for the next", async () => {
    const dial = vi.fn(async () => Promise.reject<Connection>(new Error("signer down")));
    const { pool } = pooled({ dial });
    const both = await Promise.allSettled([pool.lease(forever), pool.lease(forever)]);
    expect(both.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(dial).toHaveBeenCalledTimes(1);
    await expect(pool.lease(forever)).rejects.toThrow("signer down");
    expect(dial).toHaveBeenCalledTimes(2);
  });

  it("never hands out a connection that broke", async () => {
    const { pool, dialled } = pooled();
    const [lease] = await many(pool, 1);
    dialled[0]?.drop();
    lease?.release();
    expect((await pool.lease(forever)).connection).toBe(dialled[1]);
  });

  it("opens nothing more on one that is silent, and closes it when its last channel is gone", async () => {
    const { pool, dialled } = pooled();
    const [silent, other] = await many(pool, 2);
    silent?.noteSilent();
    silent?.release();
    expect((await pool.lease(forever)).connection).toBe(dialled[1]);
    expect(dialled[0]?.isClosed).toBe(false);
    other?.release();
    await expect.poll(() => dialled[0]?.isClosed).toBe(true);
  });

  it("learns when sshd allows fewer channels than it was told", async () => {
    const { pool, dialled } = pooled({ maxChannels: 8, maxConnections: 3 });
    const leases = await many(pool, 3);
    leases[1]?.releaseAsFull();
    leases[2]?.releaseAsFull();
    await pool.lease(forever);
    expect(dialled).toHaveLength(2);
  });

  it("closes an unused connection after a while, and not one in use", async () => {
    vi.useFakeTimers();
    try {
      const { pool, dialled } = pooled({ idleSeconds: 60, maxChannels: 1 });
      const [used, idle] = [await pool.lease(forever), await pool.lease(forever)];
      idle.release();
      vi.advanceTimersByTime(59_000);
      expect(dialled.map(({ isClosed }) => isClosed)).toEqual([false, false]);
      vi.advanceTimersByTime(2_000);
      expect(dialled.map(({ isClosed }) => isClosed)).toEqual([false, true]);
      used.release();
      vi.advanceTimersByTime(61_000);
      expect(pool.isEmpty()).toBe(true);
    } finally {
      vi.useRealTimers();
    }
  });

  it("stops handing out a connection after an hour", async () => {
    const { pool, dialled } = pooled({ maxChannels: 8 });
    const [lease] = await many(pool, 1);
    if (dialled[0]) dialled[0].openedAt -= 3_601_000;
    expect((await pool.lease(forever)).connection).toBe(dialled[1]);
    lease?.release();
    await expect.poll(() => dialled[0]?.isClosed).toBe(true);
  });

  it("turns callers away once two hundred are in line", async () => {
    const { pool } = pooled({ maxConnections: 1, maxChannels: 1 });
    await many(pool, 1);
    const caller = new AbortController();
    const line = Array.from({ length: 200 }, () => pool.lease(caller.signal));
    const settled = Promise.allSettled(line);
    await expect(pool.lease(forever)).rejects.toMatchObject({ code: "too_many" });
    caller.abort();
    await settled;
  });

  it("closes everything at the end, also what is still being dialled", async () => {
    const gate = Promise.withResolvers<Connection>();
    const { pool } = pooled({ dial: () => gate.promise });
    const waiting = pool.lease(forever);
    pool.close();
    const late = fakeConnection();
    gate.resolve(late);
    await expect(waiting).rejects.toMatchObject({ code: "unavailable" });
    expect(late.isClosed).toBe(true);
  });
});
