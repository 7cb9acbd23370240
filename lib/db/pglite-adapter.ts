// Prisma's driver adapter for PGlite with two faults mended: a COMMIT that fails was reported as done, and a script was
// not waited for. PGlite is one connection: a transaction waits for the one before it.
import type { PGlite } from "@electric-sql/pglite";
import type {
  Transaction as AdapterTransaction,
  SqlDriverAdapter,
  SqlMigrationAwareDriverAdapterFactory,
} from "@prisma/driver-adapter-utils";
import { PrismaPGlite } from "pglite-prisma-adapter";

type PGliteTransaction = Parameters<Parameters<PGlite["transaction"]>[0]>[0];

async function startTransaction(database: PGlite): Promise<AdapterTransaction> {
  const started = Promise.withResolvers<PGliteTransaction>();
  const finished = Promise.withResolvers<void>();
  const outcome = database.transaction(async (transaction) => {
    started.resolve(transaction);
    await finished.promise;
  });
  outcome.catch(started.reject);
  const transaction = await started.promise;
  // The adapter only ever calls query() of what it is given, and a PGlite transaction has it.
  const queryable = await new PrismaPGlite(transaction as unknown as PGlite).connect();
  const end = async () => {
    finished.resolve();
    await outcome;
  };
  return {
    provider: "postgres",
    adapterName: queryable.adapterName,
    // COMMIT and ROLLBACK are PGlite's: Prisma only pretends to send them.
    options: { usePhantomQuery: true },
    queryRaw: (query) => queryable.queryRaw(query),
    executeRaw: (query) => queryable.executeRaw(query),
    commit: end,
    rollback: async () => {
      if (!transaction.closed) await transaction.rollback();
      await end();
    },
  };
}

/** A driver adapter on an open PGlite, for Prisma's client and for its schema engine. */
export function pgliteAdapter(database: PGlite): SqlMigrationAwareDriverAdapterFactory {
  const factory = new PrismaPGlite(database);
  const connect = async (): Promise<SqlDriverAdapter> =>
    Object.assign(await factory.connect(), {
      startTransaction: () => startTransaction(database),
      // The schema engine asks for the name of the schema.
      getConnectionInfo: () => ({ schemaName: "public", supportsRelationJoins: true }),
      executeScript: async (script: string) => {
        await database.exec(script);
      },
    });
  return {
    provider: "postgres",
    adapterName: factory.adapterName,
    connect,
    // The engine tries migrations out in a shadow; only who gives it a throw-away database asks for that.
    connectToShadowDb: connect,
  };
}
