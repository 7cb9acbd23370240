// A database for the tests of one file: PGlite in the project pglite, a copy of the migrated one on PostgreSQL in the project pg.
import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import pg from "pg";
import { afterAll, beforeAll } from "vitest";
import { closeDatabase, openDatabase } from "@/lib/db";
import { readMigrations } from "@/lib/db/migrations";

/** A migrated PGlite directory to copy, made once for these migrations: migrating takes 2 s, copying 0.1 s. */
async function migratedDirectory(): Promise<string> {
  const version = readMigrations()
    .map(({ checksum }) => checksum.slice(0, 8))
    .join("-");
  const kept = resolve("node_modules/.cache/berth", `database-${version}`);
  if (existsSync(kept)) return kept;
  mkdirSync(resolve("node_modules/.cache/berth"), { recursive: true });
  await openDatabase();
  await closeDatabase();
  const copy = `${kept}.${process.pid}`;
  cpSync(join(process.env.PORTAL_DATA ?? "", "database"), copy, { recursive: true });
  try {
    renameSync(copy, kept);
  } catch {
    // Another worker was quicker; its copy is as good.
    rmSync(copy, { recursive: true, force: true });
  }
  return kept;
}

async function onServer(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  // The server may be stopped before it has said goodbye.
  client.on("error", () => {});
  await client.connect();
  await client.query(sql);
  await client.end();
}

async function prepareServer(url: string): Promise<() => Promise<void>> {
  const name = `test_${process.pid}_${Math.random().toString(36).slice(2, 10)}`;
  await onServer(url, `create database ${name} template migrated`);
  process.env.DATABASE_URL = url.replace(/[^/]*$/, name);
  return async () => {
    await onServer(url, `drop database ${name} with (force)`);
    process.env.DATABASE_URL = url;
  };
}

/** Puts a migrated, empty PGlite where openDatabase() looks for one under `directory`, which must be PORTAL_DATA. */
export async function copyMigrated(directory: string): Promise<void> {
  const target = join(directory, "database");
  const migrated = await migratedDirectory();
  if (!existsSync(target)) cpSync(migrated, target, { recursive: true });
}

/**
 * Opens an empty, migrated database before the tests of the file and removes it after them. PORTAL_DATA is a temporary
 * directory meanwhile. Tests share it: use ids of your own.
 */
export function useDatabase(): void {
  let finish = async () => {};
  beforeAll(async () => {
    const directory = mkdtempSync(join(tmpdir(), "berth-test-"));
    process.env.PORTAL_DATA = directory;
    const url = process.env.DATABASE_URL;
    if (!url) await copyMigrated(directory);
    const drop = url ? await prepareServer(url) : async () => {};
    finish = async () => {
      await closeDatabase();
      await drop();
      rmSync(directory, { recursive: true, force: true });
    };
    await openDatabase();
  });
  afterAll(() => finish());
}
