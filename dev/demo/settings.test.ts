import { expect, it, onTestFinished, vi } from "vitest";
import { readOptions } from "./options";
import { portalEnvironment } from "./settings";

it("a demo's portal knows nothing of another project whose settings are in the shell", () => {
  onTestFinished(() => void vi.unstubAllEnvs());
  vi.stubEnv("DATABASE_URL", "postgresql://me:mine@db.example.org/other");
  vi.stubEnv("LOG_LEVEL", "DEBUG");
  vi.stubEnv("PORTAL_SENTINELS", "1");
  const demo = readOptions([], false);
  const environment = portalEnvironment(demo, { secret: "/s", client: "/c", config: "/p" });
  expect(environment).toMatchObject({ PORTAL_SENTINELS: "1", PORT: "3000", PORTAL_DATA: demo.dataDir });
  expect(environment).not.toHaveProperty("DATABASE_URL");
  expect(environment).not.toHaveProperty("LOG_LEVEL");
});
