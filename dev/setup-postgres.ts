// Starts one PostgreSQL for all tests of the project pg, with a migrated database that each file copies.
import pg from "pg";
import type { TestProject } from "vitest/node";
import { startPostgres } from "@/dev/postgres";
import { migrateServer } from "@/lib/db/migrate-server";

declare module "vitest" {
  export interface ProvidedContext {
    databaseUrl: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startPostgres();
  const client = new pg.Client({ connectionString: server.url });
  client.on("error", () => {});
  await client.connect();
  await client.query("create database migrated");
  await client.end();
  await migrateServer(server.url.replace(/postgres$/, "migrated"));
  project.provide("databaseUrl", server.url);
  return server.remove;
}
