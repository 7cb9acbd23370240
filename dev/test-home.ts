// A home folder of a test's own, for what is done as a person on a cluster whose reach is this machine's.
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, vi } from "vitest";

/** Its path, from the first test of the file on; removed after the last. */
export function useHome(): () => string {
  let home = "";
  beforeAll(() => {
    home = realpathSync(mkdtempSync(join(tmpdir(), "berth-home-")));
    vi.stubEnv("HOME", home);
  });
  afterAll(() => {
    vi.unstubAllEnvs();
    rmSync(home, { recursive: true });
  });
  return () => home;
}
