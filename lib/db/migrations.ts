// The migrations in prisma/migrations and what a database says it has of them (the table `_prisma_migrations`).
// Asking is plain SQL, so that a start with nothing to do does not load the engine.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { PortalError } from "@/lib/errors";

export type Migration = { name: string; sql: string; checksum: string };

/** Runs one SQL text and returns its rows. */
export type Ask = (sql: string) => Promise<Record<string, unknown>[]>;

/** The migrations of this version of the portal, in order. */
export function readMigrations(directory = resolve(/* turbopackIgnore: true */ "prisma/migrations")): Migration[] {
  return readdirSync(directory)
    .filter((name) => existsSync(join(directory, name, "migration.sql")))
    .sort()
    .map((name) => {
      const sql = readFileSync(join(directory, name, "migration.sql"), "utf8");
      return { name, sql, checksum: createHash("sha256").update(sql).digest("hex") };
    });
}

type Applied = { name: string; checksum: string; done: boolean };

async function readApplied(ask: Ask): Promise<Applied[]> {
  const [table] = await ask("select to_regclass('_prisma_migrations')::text as found");
  if (!table?.found) return [];
  const rows = await ask(
    "select migration_name, checksum, finished_at is not null as done from _prisma_migrations where rolled_back_at is null",
  );
  return rows.map((row) => ({
    name: String(row.migration_name),
    checksum: String(row.checksum),
    done: row.done === true,
  }));
}

/**
 * Names of the migrations the database lacks, in order.
 * Throws `conflict` when its history is not ours: a newer portal's, an edited file's, or one that broke half-way.
 */
export async function pendingMigrations(ask: Ask, migrations: Migration[]): Promise<string[]> {
  const applied = await readApplied(ask);
  const ours = new Map(migrations.map((migration) => [migration.name, migration.checksum]));
  for (const { name, checksum, done } of applied) {
    if (!ours.has(name)) throw new PortalError("conflict", `The database has the migration ${name} of a newer portal.`);
    if (!done) throw new PortalError("conflict", `The migration ${name} broke half-way; see docs/operations.md.`);
    if (ours.get(name) !== checksum) {
      throw new PortalError("conflict", `The migration ${name} was applied with other contents than this portal has.`);
    }
  }
  const names = new Set(applied.map(({ name }) => name));
  return migrations.map(({ name }) => name).filter((name) => !names.has(name));
}
