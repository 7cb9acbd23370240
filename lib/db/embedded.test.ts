import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { copyMigrated } from "@/dev/test-database";
import { closeDatabase, db, openDatabase } from "@/lib/db";
import { readHolder } from "@/lib/db/directory-lock";
import { applyMigrations, missingSql } from "@/lib/db/engine";
import { pendingMigrations, readMigrations } from "@/lib/db/migrations";
import { pgliteAdapter } from "@/lib/db/pglite-adapter";

const portal = `
  import { db, openDatabase } from "@/lib/db";
  await openDatabase();
  await db().setting.create({ data: { key: "pid-" + process.pid, value: 1 } });
  console.log("open");
  setInterval(() => {}, 1000);
`;

describe("a data directory", () => {
  let directory = "";
  const children: ChildProcess[] = [];

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "berth-embedded-"));
    process.env.PORTAL_DATA = directory;
  });
  afterEach(async () => {
    await closeDatabase();
    for (const child of children.splice(0))
      if (child.exitCode === null && child.kill("SIGKILL")) await once(child, "exit");
    rmSync(directory, { recursive: true, force: true });
  });

  /** Another portal process that has the directory open. */
  async function otherPortal(): Promise<ChildProcess> {
    const argv = ["--import", "tsx", "--input-type=module", "--eval", portal];
    const environment = { ...process.env, PORT: "4567", PORTAL_DATA: directory };
    const child = spawn(resolve("node_modules/.bin/node"), argv, {
      env: environment,
      stdio: ["ignore", "pipe", "inherit"],
    });
    children.push(child);
    let said = "";
    for await (const chunk of child.stdout) {
      said += String(chunk);
      if (said.includes("open")) return child;
    }
    throw new Error(`The other portal ended: ${said}`);
  }

  it("is one process's: the second is told who has it; it is free, with every row, the moment that one is killed", async () => {
    await copyMigrated(directory);
    const child = await otherPortal();
    const words = `^${directory} is in use by process ${child.pid} since 20.*Z, serving http://localhost:4567`;
    await expect(openDatabase()).rejects.toMatchObject({ code: "conflict", message: expect.stringMatching(words) });
    child.kill("SIGKILL");
    await once(child, "exit");
    await openDatabase();
    expect(await db().setting.count({ where: { key: `pid-${child.pid}` } })).toBe(1);
    expect(readHolder(directory)?.pid).toBe(process.pid);
  });

  it("is migrated when it is new, and only then; closing gives it back", async () => {
    const rows = () => db().$queryRaw<{ finished_at: Date }[]>`select finished_at from _prisma_migrations order by 1`;
    await openDatabase();
    const first = await rows();
    expect(first).toHaveLength(readMigrations().length);
    await openDatabase();
    await closeDatabase();
    expect(readHolder(directory)).toBeNull();
    expect(() => db()).toThrow("not open");
    await openDatabase();
    expect(await rows()).toEqual(first);
  });
});

describe("prisma/migrations", () => {
  it("make what prisma/schema describes", async () => {
    const database = await PGlite.create();
    expect(await missingSql(pgliteAdapter(database), readMigrations())).toBe("");
    await database.close();
  });

  it("that fail are reported, and are not counted as applied", async () => {
    const database = await PGlite.create();
    const broken = {
      name: "0001_broken",
      sql: 'create table "Half" (id int); create table "Half" (id int);',
      checksum: "",
    };
    await expect(applyMigrations(pgliteAdapter(database), [broken])).rejects.toThrow(/already exists/);
    const ask = async (sql: string) => (await database.query<Record<string, unknown>>(sql)).rows;
    await expect(pendingMigrations(ask, [broken])).rejects.toThrow("broke half-way");
    await database.close();
  });
});
