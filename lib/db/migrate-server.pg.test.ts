import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, inject, it, vi } from "vitest";
import { closeDatabase, openDatabase } from "@/lib/db";
import { migrateServer } from "@/lib/db/migrate-server";
import { readMigrations } from "@/lib/db/migrations";

const base = inject("databaseUrl");
const name = `migrations_${process.pid}`;
const url = base.replace(/[^/]*$/, name);

async function query(at: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: at });
  await client.connect();
  return (await client.query(sql).finally(() => client.end())).rows;
}

describe("migrating a server", () => {
  beforeAll(() => {
    process.env.DATABASE_URL = url;
  });
  afterEach(async () => {
    await closeDatabase();
    await query(base, `drop database if exists ${name} with (force)`);
  });
  afterAll(() => {
    process.env.DATABASE_URL = base;
  });

  const empty = () => query(base, `create database ${name}`);
  const all = readMigrations().map((migration) => migration.name);

  it("applies everything once, also when four portals start at the same time", async () => {
    await empty();
    const done = await Promise.all([1, 2, 3, 4].map(() => migrateServer(url)));
    expect(done.flat().sort()).toEqual(all);
    const rows = await query(
      url,
      "select migration_name from _prisma_migrations where finished_at is not null order by 1",
    );
    expect(rows).toEqual(all.map((migration_name) => ({ migration_name })));
  });

  it("waits for another portal that migrates, and ends with the server's words when the server ends that", async () => {
    await empty();
    const other = new pg.Client({ connectionString: url });
    await other.connect();
    await other.query("select pg_advisory_lock(5241607)");
    const waiting = async () => {
      const sql = "select pid, query_start from pg_stat_activity where wait_event = 'advisory'";
      return (await other.query<{ pid: number }>(sql)).rows[0];
    };
    const told = expect(migrateServer(url)).rejects.toThrow(/canceling statement due to user request/);
    await vi.waitUntil(waiting, 5000);
    const pid = (await waiting())?.pid;
    const { rows } = await other.query("select pg_cancel_backend($1) as cancelled", [pid]);
    expect(rows).toEqual([{ cancelled: true }]);
    await told;
    await other.end();
    expect(await migrateServer(url)).toEqual(all);
  });

  it("does nothing the second time", async () => {
    await empty();
    await migrateServer(url);
    expect(await migrateServer(url)).toEqual([]);
    await openDatabase();
  });

  it("is asked for by a portal that starts on an old database", async () => {
    await empty();
    await expect(openDatabase()).rejects.toThrow(/lacks 0001_start.*npm run migrate/);
  });

  it("refuses a database of a newer portal, an edited migration and one that broke", async () => {
    await empty();
    await migrateServer(url);
    await query(url, "update _prisma_migrations set checksum = 'other' where migration_name = '0001_start'");
    await expect(migrateServer(url)).rejects.toThrow("0001_start was applied with other contents");
    await query(url, "update _prisma_migrations set finished_at = null where migration_name = '0001_start'");
    await expect(migrateServer(url)).rejects.toThrow("0001_start broke half-way");
    await query(
      url,
      "update _prisma_migrations set migration_name = '9999_future' where migration_name = '0001_start'",
    );
    await expect(openDatabase()).rejects.toThrow("9999_future of a newer portal");
  });
});
