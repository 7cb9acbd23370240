// A PostgreSQL server: the pool, and its limits. A connection that breaks is replaced at the next query, so the portal
// outlives an outage; nothing waits for the server longer than the times below.
import pg from "pg";
import { pendingMigrations, readMigrations } from "@/lib/db/migrations";
import { PortalError } from "@/lib/errors";
import { log } from "@/lib/log";

/** How long connecting may take; waiting for one of the pool's connections, while others use them, may take longer. */
const connectMs = 5000;
const waitMs = 15_000;

class Client extends pg.Client {
  constructor(config: pg.ClientConfig = {}) {
    super({ ...config, connectionTimeoutMillis: connectMs });
  }
}

/**
 * A pool on `url`. The time zone is what Prisma's adapters assume: they read and write timestamps without looking at it.
 */
export function openPool(url: string, { connections = 10, statementMs = 30_000 } = {}): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: connections,
    connectionTimeoutMillis: waitMs,
    Client,
    idleTimeoutMillis: 60_000,
    query_timeout: statementMs + 5000,
    statement_timeout: statementMs,
    idle_in_transaction_session_timeout: 30_000,
    options: "-c timezone=UTC",
    application_name: "berth",
    keepAlive: true,
  });
  // A pool without a listener ends the process when an idle connection breaks.
  pool.on("error", (error) => log().warn({ err: error }, "database.connection-broke"));
  // The pool listens to those that are idle and a query to its own; in between nobody would, and that ends the process too.
  pool.on("connect", (client) => client.on("error", () => {}));
  return pool;
}

/** Throws `conflict` unless the server has exactly the migrations of this portal. */
export async function checkMigrated(pool: pg.Pool): Promise<void> {
  const pending = await pendingMigrations(async (sql) => (await pool.query(sql)).rows, readMigrations());
  if (pending.length > 0) {
    throw new PortalError("conflict", `The database lacks ${pending.join(", ")}: run npm run migrate.`);
  }
}
