// Unit tests decide their own environment: nothing of the developer's shell reaches them, and no folder of theirs stays.
import { afterAll } from "vitest";
import { removeTestFolders } from "./test-folder";

for (const name of Object.keys(process.env)) {
  if (/^(PORTAL_|DATABASE_URL|OIDC_|LOG_LEVEL)/.test(name)) delete process.env[name];
}
process.env.LOG_LEVEL = "fatal";
afterAll(removeTestFolders);
