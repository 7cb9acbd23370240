// Writes the migration that leads from prisma/migrations to prisma/schema: tsx dev/new-migration.ts add-presets
import { mkdirSync, writeFileSync } from "node:fs";
import { PGlite } from "@electric-sql/pglite";
import { missingSql } from "@/lib/db/engine";
import { readMigrations } from "@/lib/db/migrations";
import { pgliteAdapter } from "@/lib/db/pglite-adapter";

const name = process.argv[2];
if (!name || !/^[a-z][a-z0-9-]*$/.test(name)) {
  console.error("Usage: tsx dev/new-migration.ts <name-in-small-letters>");
  process.exit(2);
}

const migrations = readMigrations();
const database = await PGlite.create();
const sql = await missingSql(pgliteAdapter(database), migrations);
await database.close();
if (sql === "") {
  console.error("prisma/schema says nothing that prisma/migrations do not make already.");
  process.exit(1);
}
const directory = `prisma/migrations/${String(migrations.length + 1).padStart(4, "0")}_${name.replaceAll("-", "_")}`;
mkdirSync(directory, { recursive: true });
writeFileSync(`${directory}/migration.sql`, sql);
console.log(`${directory}/migration.sql: read it before you commit it.`);
