// The database: PostgreSQL, embedded (PGlite) without DATABASE_URL, a server with it. Hides which of the two it is.
// Queries belong in lib/*/store.ts; verbs open a transaction here and pass it on. Await nothing but the database inside one.
import { setTimeout as pause } from "node:timers/promises";
import { PrismaPg } from "@prisma/adapter-pg";
import type { SqlDriverAdapterFactory } from "@prisma/driver-adapter-utils";
import type pg from "pg";
import { noteBack, unlessAway, unlessTooLong } from "@/lib/db/away";
import { type Change, channel } from "@/lib/db/changes";
import type { Embedded } from "@/lib/db/embedded";
import { isRetryable, portalFault } from "@/lib/db/faults";
import { electAlone, electOnServer } from "@/lib/db/leader";
import { type Listener, listenEmbedded, listenServer } from "@/lib/db/listener";
import { checkMigrated, openPool } from "@/lib/db/server";
import { startFault } from "@/lib/db/start-fault";
import { env } from "@/lib/env";
import { PortalError } from "@/lib/errors";
import { once } from "@/lib/once";
import { type Prisma, PrismaClient } from "@/prisma/generated/client";

export { isAwayFault } from "@/lib/db/away";
export type { Change } from "@/lib/db/changes";
export { isUniqueViolation } from "@/lib/db/faults";

/** What every store function takes. `db()` is assignable to it, for reads outside a transaction. */
export type Tx = Prisma.TransactionClient;

type State = {
  client: PrismaClient | null;
  pool: pg.Pool | null;
  embedded: Embedded | null;
  listener: Promise<Listener> | null;
  /** By key: settles when the last that waits for it here is done. */
  lines: Map<string, Promise<unknown>>;
};

const state = () =>
  once("db", (): State => ({ client: null, pool: null, embedded: null, listener: null, lines: new Map() }));

// A transaction waits for a connection at most this long, and for its own queries at most that long. PGlite has one
// connection, so a burst of transactions waits in line.
const limits = { maxWait: 15_000, timeout: 15_000 };
const tries = 5;

/** A client whose queries throw `unavailable` when the database is away, inside a transaction and outside. */
function makeClient(adapter: SqlDriverAdapterFactory): PrismaClient {
  const client = new PrismaClient({ adapter, transactionOptions: limits });
  const mapped = client.$extends({
    query: {
      $allOperations: ({ args, query }) =>
        unlessAway(query(args)).catch((error: unknown) => {
          throw portalFault(error);
        }),
    },
  });
  // An extension of queries alone adds and removes no method; only its type differs.
  return mapped as unknown as PrismaClient;
}

function serverClient(url: string): PrismaClient {
  const pool = openPool(url);
  state().pool = pool;
  return makeClient(new PrismaPg(pool));
}

/**
 * The client of this process. On a server it connects at the first query; the embedded one must have been opened by
 * openDatabase(), else `unavailable`.
 */
export function db(): PrismaClient {
  const current = state();
  if (current.client) return current.client;
  const { databaseUrl } = env();
  if (!databaseUrl) throw new PortalError("unavailable", "The database is not open.");
  current.client = serverClient(databaseUrl);
  return current.client;
}

async function attempt<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
  const client = db();
  return await client.$transaction(async (tx) => {
    const result = await work(tx);
    // A query that failed and was caught spoils the transaction: COMMIT would then undo it and say nothing. Ask.
    await tx.$executeRaw`select 1`;
    return result;
  });
}

/**
 * Runs `work` in a transaction (read committed) and commits it. Run again, up to five times, when it collides with another:
 * it must do nothing but query. Throws `unavailable` when the database is away; after that it is unknown whether the
 * transaction was committed.
 */
export async function transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await unlessAway(attempt(work));
    } catch (error) {
      if (tried >= tries || !isRetryable(error)) throw portalFault(error);
      await pause(Math.random() * 20 * 2 ** tried);
    }
  }
}

/** Waits until no other transaction holds `key`, and holds it until this one ends. */
export async function lock(tx: Tx, key: string): Promise<void> {
  await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${key}::text, 0))`;
}

/**
 * A transaction that holds `key` from its beginning. Those of this process wait in line before they take a connection: one
 * person's burst must not leave other people none.
 */
export async function lockedTransaction<T>(key: string, work: (tx: Tx) => Promise<T>): Promise<T> {
  const { lines } = state();
  const before = lines.get(key) ?? Promise.resolve();
  const own = unlessTooLong(before).then(() =>
    transaction(async (tx) => {
      await lock(tx, key);
      return work(tx);
    }),
  );
  const line = Promise.allSettled([before, own]).then(() => {
    if (lines.get(key) === line) lines.delete(key);
  });
  lines.set(key, line);
  return own;
}

/** Tells every listener of every replica about `change`, once `tx` is committed and not before. */
export async function notify(tx: Tx, change: Change): Promise<void> {
  await tx.$executeRaw`select pg_notify(${channel}::text, ${JSON.stringify(change)}::text)`;
}

async function openListener(): Promise<Listener> {
  const { databaseUrl } = env();
  if (databaseUrl) return listenServer(databaseUrl);
  const { embedded } = state();
  if (!embedded) throw new PortalError("unavailable", "The database is not open.");
  return listenEmbedded(embedded.database);
}

/**
 * Calls `handler` for every committed change, until the returned function is called. After an interruption handlers get
 * {kind: "resync"}: anything may have changed.
 */
export async function listen(handler: (change: Change) => void): Promise<() => Promise<void>> {
  const current = state();
  current.listener ??= openListener().catch((error) => {
    current.listener = null;
    throw error;
  });
  const listener = await current.listener;
  const remove = listener.add(handler);
  return async () => remove();
}

/**
 * Runs `onElected` in one process at a time among all that call elect(`name`). Its signal aborts when leadership is lost or
 * `signal` aborts; it should then return soon. Resolves when `signal` aborted or `onElected` returned by itself;
 * when it throws, the next election follows.
 */
export async function elect(
  name: string,
  signal: AbortSignal,
  onElected: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const { databaseUrl } = env();
  const election = { name, signal, onElected };
  await (databaseUrl ? electOnServer(databaseUrl, election) : electAlone(election));
}

/**
 * Opens the database: takes the lock of the data directory and migrates (embedded), or checks that the server is there
 * and migrated. Throws `conflict` when another process has it or the migrations differ, `unavailable` when the server is away,
 * `invalid` when it refuses who asks.
 */
export async function openDatabase(): Promise<void> {
  const current = state();
  const { databaseUrl } = env();
  if (databaseUrl) {
    db();
    if (current.pool) await checkMigrated(current.pool).catch((error) => Promise.reject(startFault(error)));
    return;
  }
  if (current.embedded) return;
  // Loaded only here: a portal on a server never needs PGlite.
  const [{ openEmbedded }, { pgliteAdapter }] = await Promise.all([
    import("@/lib/db/embedded"),
    import("@/lib/db/pglite-adapter"),
  ]);
  current.embedded = await openEmbedded();
  current.client = makeClient(pgliteAdapter(current.embedded.database));
}

/** Ends the listener, the client and the pool, and gives the data directory back. */
export async function closeDatabase(): Promise<void> {
  const current = state();
  const { client, pool, embedded, listener } = current;
  noteBack();
  Object.assign(current, { client: null, pool: null, embedded: null, listener: null });
  await (await listener?.catch(() => null))?.close();
  await client?.$disconnect();
  await pool?.end();
  await embedded?.close();
}
