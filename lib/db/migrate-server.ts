// Migrates a PostgreSQL server through the schema engine. Several portals may start at once: one of them migrates while the
// others wait, and then find nothing to do. The engine's own lock would not do: who waits for it has already looked.
import { PrismaPg } from "@prisma/adapter-pg";
import type { SqlMigrationAwareDriverAdapterFactory } from "@prisma/driver-adapter-utils";
import type pg from "pg";
import { applyMigrations } from "@/lib/db/engine";
import { pendingMigrations, readMigrations } from "@/lib/db/migrations";
import { openPool } from "@/lib/db/server";

function engineAdapter(pool: pg.Pool): SqlMigrationAwareDriverAdapterFactory {
  const factory = new PrismaPg(pool, { schema: "public" });
  const connect = async () =>
    Object.assign(await factory.connect(), {
      // The adapter would split a script at every semicolon, those inside functions too.
      executeScript: async (script: string) => {
        await pool.query(script);
      },
    });
  return { ...factory, provider: "postgres", adapterName: factory.adapterName, connect, connectToShadowDb: connect };
}

/** A migration may take long, on a large table: this one, or another portal's that is waited for. */
const patienceMs = 30 * 60_000;

/** Of pg_advisory_lock: any number that nothing else here uses. */
const migrationLock = 5_241_607;

async function migrateLocked(url: string): Promise<string[]> {
  // One connection: the engine's lock belongs to it.
  const pool = openPool(url, { connections: 1, statementMs: patienceMs });
  try {
    const migrations = readMigrations();
    const pending = await pendingMigrations(async (sql) => (await pool.query(sql)).rows, migrations);
    return pending.length === 0 ? [] : await applyMigrations(engineAdapter(pool), migrations);
  } finally {
    await pool.end();
  }
}

async function takeLock(holder: pg.PoolClient): Promise<void> {
  await holder.query("set statement_timeout = 0");
  // Read by node-postgres, though its types leave it out.
  const asked = { text: "select pg_advisory_lock($1)", values: [migrationLock], query_timeout: patienceMs };
  await holder.query(asked);
}

/** Applies what the database at `url` lacks. Returns the names applied; throws `conflict` when its history is not ours. */
export async function migrateServer(url: string): Promise<string[]> {
  const pool = openPool(url, { connections: 1 });
  try {
    // Held by the connection, so a portal that dies half-way lets go of it.
    const holder = await pool.connect();
    // Lost while it only holds the lock: the migration's own connection tells what is wrong.
    holder.on("error", () => {});
    return await takeLock(holder)
      .then(() => migrateLocked(url))
      .finally(() => holder.release(true));
  } finally {
    await pool.end();
  }
}
