// On a PostgreSQL server alone: who looks after a cluster may lose the database for a moment and be elected again.
import pg from "pg";
import { expect, it, onTestFinished } from "vitest";
import { useDatabase } from "@/dev/test-database";
import { person, request, useFakeCluster } from "@/dev/test-sessions";
import { cluster } from "@/lib/clusters/cluster";
import { startReconciler } from "@/lib/reconciler/reconciler";
import { createSession } from "@/lib/sessions/create-session";

useDatabase();
useFakeCluster();

async function endConnections(name: string): Promise<number> {
  const client = new pg.Client({ connectionString: process.env.DATABASE_URL });
  await client.connect();
  const sql =
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1 and datname = current_database()";
  return (await client.query(sql, [name]).finally(() => client.end())).rows.length;
}

it("goes on soon after the database was lost, although somebody's home hangs", async () => {
  const { reach } = cluster("hpc");
  const { run } = reach;
  let hung = 0;
  const made = await createSession(await person("hana"), request(), "home-hangs");
  reach.run = (argv, options) => {
    if (!argv.includes(made.directory ?? "")) return run(argv, options);
    hung += 1;
    return new Promise(() => {});
  };
  const stop = await startReconciler(0.2);
  onTestFinished(stop);
  await expect.poll(() => hung, { timeout: 20_000 }).toBe(1);
  expect(await endConnections("berth leader reconciler:hpc")).toBe(1);
  // Elected again, it knows nothing of the one that hangs, and looks.
  await expect.poll(() => hung, { timeout: 30_000 }).toBe(2);
});
