// npm run migrate: brings the PostgreSQL server at DATABASE_URL up to this version. The embedded database does it by itself.
import { migrateServer } from "@/lib/db/migrate-server";
import { startFault } from "@/lib/db/start-fault";
import { env } from "@/lib/env";
import { isPortalError } from "@/lib/errors";

function readUrl(): string | null {
  try {
    return env().databaseUrl;
  } catch (error) {
    if (!isPortalError(error)) throw error;
    console.error(error.message);
    process.exit(2);
  }
}

const databaseUrl = readUrl();
if (!databaseUrl) {
  console.error("DATABASE_URL is not set. The embedded database is migrated when the portal starts.");
  process.exit(2);
}
try {
  const applied = await migrateServer(databaseUrl);
  console.log(applied.length > 0 ? `Applied ${applied.join(", ")}.` : "Nothing to do: the database is up to date.");
} catch (error) {
  const fault = startFault(error);
  console.error(isPortalError(fault) ? fault.message : fault);
  process.exit(1);
}
