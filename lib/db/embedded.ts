// PGlite in <dataDir>/database, for one process. The directory lock comes first, then the database, then migrations.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { lockDirectory } from "@/lib/db/directory-lock";
import { pendingMigrations, readMigrations } from "@/lib/db/migrations";
import { pgliteAdapter } from "@/lib/db/pglite-adapter";
import { env } from "@/lib/env";
import { log } from "@/lib/log";

/** The address this process will serve, as far as its environment tells. */
function address(): string {
  const { host, port } = env();
  return `http://${host === "127.0.0.1" || host === "0.0.0.0" || host === "::" ? "localhost" : host}:${port}`;
}

async function migrate(database: PGlite): Promise<void> {
  const migrations = readMigrations();
  const pending = await pendingMigrations(
    async (sql) => (await database.query<Record<string, unknown>>(sql)).rows,
    migrations,
  );
  if (pending.length === 0) return;
  const { applyMigrations } = await import("@/lib/db/engine");
  const applied = await applyMigrations(pgliteAdapter(database), migrations);
  log().info({ applied }, "database.migrated");
}

async function start(directory: string): Promise<PGlite> {
  const database = await PGlite.create({ dataDir: directory });
  // Prisma's adapters read and write timestamps as if the connection were in UTC.
  await database.exec("set time zone 'UTC'");
  await migrate(database);
  return database;
}

export type Embedded = { database: PGlite; close: () => Promise<void> };

/** Opens and migrates the embedded database. Throws `conflict` naming the process that has it. */
export async function openEmbedded(): Promise<Embedded> {
  const { dataDir } = env();
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const release = lockDirectory(dataDir, address());
  try {
    const database = await start(join(dataDir, "database"));
    const close = async () => {
      await database.close();
      release();
    };
    return { database, close };
  } catch (error) {
    release();
    throw error;
  }
}
