// Unit tests decide their own environment: nothing of the developer's shell reaches them, nothing of the file before
// them in the same process, and no folder of theirs stays.
import { afterAll, vi } from "vitest";
import { forgetOnce } from "./forget-once";
import { removeTestFolders } from "./test-folder";

for (const name of Object.keys(process.env)) {
  if (/^(PORTAL_|DATABASE_URL|OIDC_|LOG_LEVEL)/.test(name)) delete process.env[name];
}
process.env.LOG_LEVEL = "fatal";
process.env.PORTAL_SECRET = "8Jq2mVx0RrT5zKc7WnBd4HfYpLs9EuGa";
forgetOnce("");
vi.useRealTimers();
afterAll(removeTestFolders);
