// The environment of a test on PostgreSQL: the server that dev/setup-postgres.ts started.
import { inject } from "vitest";

process.env.DATABASE_URL = inject("databaseUrl");
