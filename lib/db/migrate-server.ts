// Migrates a PostgreSQL server through the schema engine. Several may start at once: the engine takes a lock.
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

/** Applies what the database at `url` lacks. Returns the names applied; throws `conflict` when its history is not ours. */
export async function migrateServer(url: string): Promise<string[]> {
  // One connection: the engine's lock belongs to it.
  const pool = openPool(url, 1);
  try {
    const migrations = readMigrations();
    const pending = await pendingMigrations(async (sql) => (await pool.query(sql)).rows, migrations);
    return pending.length === 0 ? [] : await applyMigrations(engineAdapter(pool), migrations);
  } finally {
    await pool.end();
  }
}
