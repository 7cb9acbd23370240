import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished, vi } from "vitest";
import { testFolder } from "@/dev/test-folder";
import { jobsFind } from "./machine";

it("what is on the PATH of whoever starts the demo is not therefore there for jobs", () => {
  onTestFinished(() => void vi.unstubAllEnvs());
  const folder = testFolder("conda");
  writeFileSync(join(folder, "jupyter-of-conda"), "", { mode: 0o755 });
  vi.stubEnv("PATH", folder);
  expect([jobsFind("jupyter-of-conda"), jobsFind("sh")]).toEqual([false, true]);
});
