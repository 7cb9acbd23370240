// Prisma's schema engine as WebAssembly: the same migrations and the same _prisma_migrations table as `prisma migrate`,
// without its binary. Loading it takes about a second, so only who migrates does.
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import {
  bindMigrationAwareSqlAdapterFactory,
  type SqlMigrationAwareDriverAdapterFactory,
} from "@prisma/driver-adapter-utils";
import type { DiffTarget, SchemaEngine } from "@prisma/schema-engine-wasm";
import type { Migration } from "@/lib/db/migrations";

const filters = { externalTables: [], externalEnums: [] };
const lockfile = { path: "migration_lock.toml", content: 'provider = "postgresql"\n' };

type Bindings = typeof import("@prisma/schema-engine-wasm") & { __wbg_set_wasm(exports: WebAssembly.Exports): void };

async function bindings(): Promise<Bindings> {
  // The package declares the engine's types on its bundler entry only; this is the same module without that entry's import.
  const bound = (await import("@prisma/schema-engine-wasm/schema_engine_bg")) as unknown as Bindings;
  const entry = createRequire(resolve("package.json")).resolve("@prisma/schema-engine-wasm/schema_engine_bg");
  const code = readFileSync(entry.replace(/\.js$/, ".wasm"));
  // The bindings are a namespace of functions, which is what an import object is made of.
  const imports = { "./schema_engine_bg.js": bound as unknown as WebAssembly.ModuleImports };
  const { instance } = await WebAssembly.instantiate(code, imports);
  bound.__wbg_set_wasm(instance.exports);
  // Fills the table of JavaScript values; without it `undefined` is something else inside the engine.
  (instance.exports as { __wbindgen_start: () => void }).__wbindgen_start();
  return bound;
}

let loaded: Promise<Bindings> | null = null;

/** The schema files of prisma/schema, as the engine wants them. */
export function readSchema(
  directory = resolve(/* turbopackIgnore: true */ "prisma/schema"),
): { path: string; content: string }[] {
  return readdirSync(directory)
    .filter((file) => file.endsWith(".prisma"))
    .sort()
    .map((file) => ({ path: join(directory, file), content: readFileSync(join(directory, file), "utf8") }));
}

type Bound = ReturnType<typeof bindMigrationAwareSqlAdapterFactory>;

/** What the database said: the engine itself only knows that it is "External error id#N". */
function ownWords({ errorRegistry }: Bound, error: unknown): unknown {
  const id = error instanceof Error ? /External error id#(\d+)/.exec(error.message)?.[1] : undefined;
  const original = id === undefined ? undefined : errorRegistry.consumeError(Number(id))?.error;
  return original instanceof Error ? new Error(original.message, { cause: error }) : error;
}

async function withEngine<T>(
  factory: SqlMigrationAwareDriverAdapterFactory,
  work: (engine: SchemaEngine) => Promise<T>,
): Promise<T> {
  loaded ??= bindings();
  const { SchemaEngine } = await loaded;
  const datamodels = readSchema().map(({ path, content }): [string, string] => [path, content]);
  const bound = bindMigrationAwareSqlAdapterFactory(factory);
  const engine = await SchemaEngine.new({ datamodels }, () => {}, bound);
  try {
    return await work(engine);
  } catch (error) {
    throw ownWords(bound, error);
  } finally {
    engine.free();
  }
}

function listOf(migrations: Migration[]) {
  return {
    baseDir: resolve("prisma/migrations"),
    lockfile,
    shadowDbInitScript: "",
    migrationDirectories: migrations.map(({ name, sql }) => ({
      path: name,
      migrationFile: { path: "migration.sql", content: { tag: "ok" as const, value: sql } },
    })),
  };
}

/** Applies what of `migrations` the database lacks and records it. Returns the names applied. */
export function applyMigrations(
  factory: SqlMigrationAwareDriverAdapterFactory,
  migrations: Migration[],
): Promise<string[]> {
  return withEngine(factory, async (engine) => {
    const { appliedMigrationNames } = await engine.applyMigrations({ migrationsList: listOf(migrations), filters });
    return appliedMigrationNames;
  });
}

/** The SQL that leads from what `migrations` make to what prisma/schema describes; empty when they agree. */
export function missingSql(factory: SqlMigrationAwareDriverAdapterFactory, migrations: Migration[]): Promise<string> {
  const from: DiffTarget = migrations.length === 0 ? { tag: "empty" } : { tag: "migrations", ...listOf(migrations) };
  return withEngine(factory, async (engine) => {
    const to: DiffTarget = { tag: "schemaDatamodel", files: readSchema() };
    const { stdout } = await engine.diff({ from, to, script: true, exitCode: false, filters });
    return /^-- This is an empty migration/m.test(stdout ?? "") ? "" : (stdout ?? "");
  });
}
