// Pooled connections of one account for one purpose and one login: channels share a connection up to what sshd allows, one dial is in
// flight, an unused connection is closed, and a broken or worn one is never handed out again.
import { until } from "@/lib/clusters/deadline";
import { PortalError } from "@/lib/errors";
import type { Connection } from "./connection";

/** After this a connection takes no new channels, so that an account closed on the cluster is noticed. */
const MAX_AGE_SECONDS = 3600;
const MAX_WAITING = 200;

export type PoolSettings = {
  maxConnections: number;
  maxChannels: number;
  idleSeconds: number;
  /** Opens a new connection; PortalError when it cannot. */
  dial(): Promise<Connection>;
};

/** The right to open one channel. */
export type Lease = {
  connection: Connection;
  /** Call when the channel is closed. */
  release(): void;
  /** Instead of `release`, when sshd refused the channel although there seemed to be room: it allows fewer than we thought. */
  releaseAsFull(): void;
  /** It does not answer: open nothing more on it, but leave what runs there alone. */
  noteSilent(): void;
};

export type ConnectionPool = {
  /** Waits for room. Throws what `dial` throws, `signal.reason`, or PortalError `too_many` when the line is too long. */
  lease(signal: AbortSignal): Promise<Lease>;
  isEmpty(): boolean;
  close(): void;
};

type Slot = { connection: Connection; leases: number; room: number; isWorn: boolean; idle?: NodeJS.Timeout };

type Pool = {
  settings: PoolSettings;
  slots: Set<Slot>;
  dialing: Promise<void> | null;
  waiting: Set<() => void>;
  isClosed: boolean;
};

/** Everybody in line looks again; Sets keep order, so the first to come looks first. */
function wake(pool: Pool): void {
  const all = [...pool.waiting];
  pool.waiting.clear();
  for (const go of all) go();
}

function drop(pool: Pool, slot: Slot): void {
  clearTimeout(slot.idle);
  pool.slots.delete(slot);
  wake(pool);
}

function closeWhenIdle(pool: Pool, slot: Slot): void {
  if (slot.leases > 0 || !pool.slots.has(slot)) return;
  const idleSeconds = slot.isWorn ? 0 : pool.settings.idleSeconds;
  slot.idle = setTimeout(() => {
    drop(pool, slot);
    slot.connection.close();
  }, idleSeconds * 1000).unref();
}

function isUsable(slot: Slot): boolean {
  const ageSeconds = (performance.now() - slot.connection.openedAt) / 1000;
  if (ageSeconds > MAX_AGE_SECONDS) slot.isWorn = true;
  return !slot.isWorn && slot.connection.isOpen();
}

function takeLease(pool: Pool, slot: Slot): Lease {
  slot.leases++;
  clearTimeout(slot.idle);
  let isHeld = true;
  const release = () => {
    if (!isHeld) return;
    isHeld = false;
    slot.leases--;
    closeWhenIdle(pool, slot);
    wake(pool);
  };
  return {
    connection: slot.connection,
    release,
    releaseAsFull() {
      release();
      slot.room = Math.max(1, Math.min(slot.room, slot.leases));
    },
    noteSilent() {
      slot.isWorn = true;
    },
  };
}

async function dialOne(pool: Pool): Promise<void> {
  const { dial, maxChannels } = pool.settings;
  const connection = await dial();
  if (pool.isClosed) return connection.close();
  const slot: Slot = { connection, leases: 0, room: maxChannels, isWorn: false };
  pool.slots.add(slot);
  connection.onEnd(() => drop(pool, slot));
  closeWhenIdle(pool, slot);
}

function startDial(pool: Pool): Promise<void> {
  pool.dialing ??= dialOne(pool).finally(() => {
    pool.dialing = null;
    wake(pool);
  });
  return pool.dialing;
}

const stopped = (signal: AbortSignal) => (): Error => new Error("No longer wanted", { cause: signal.reason });

async function waitForChange(pool: Pool, signal: AbortSignal): Promise<void> {
  if (pool.waiting.size >= MAX_WAITING) {
    const message = "Too many programs are waiting for a connection to the cluster";
    throw new PortalError("too_many", message, { retryAfterSeconds: 5 });
  }
  const { promise, resolve } = Promise.withResolvers<void>();
  pool.waiting.add(resolve);
  await until(promise, signal, stopped(signal)).finally(() => pool.waiting.delete(resolve));
}

async function lease(pool: Pool, signal: AbortSignal): Promise<Lease> {
  while (!pool.isClosed) {
    const usable = [...pool.slots].filter(isUsable);
    const slot = usable.find((each) => each.leases < each.room);
    if (slot) return takeLease(pool, slot);
    const mayDial = pool.dialing !== null || usable.length < pool.settings.maxConnections;
    if (mayDial) await until(startDial(pool), signal, stopped(signal));
    else await waitForChange(pool, signal);
  }
  throw new PortalError("unavailable", "The portal is shutting down");
}

function close(pool: Pool): void {
  pool.isClosed = true;
  for (const slot of [...pool.slots]) {
    drop(pool, slot);
    slot.connection.close();
  }
  wake(pool);
}

export function connectionPool(settings: PoolSettings): ConnectionPool {
  const pool: Pool = { settings, slots: new Set(), dialing: null, waiting: new Set(), isClosed: false };
  return {
    lease: (signal) => lease(pool, signal),
    isEmpty: () => pool.slots.size === 0 && pool.dialing === null && pool.waiting.size === 0,
    close: () => close(pool),
  };
}
