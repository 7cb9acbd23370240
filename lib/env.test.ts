import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { config } from "@/lib/config";
import { env } from "@/lib/env";

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "env-test-"));
});
afterEach(() => vi.unstubAllEnvs());
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function file(name: string, mode: number): string {
  const path = join(dir, name);
  writeFileSync(path, "a secret\n");
  chmodSync(path, mode);
  return path;
}

const set = (name: string, value: string) => vi.stubEnv(name, value);

describe("the environment", () => {
  it("takes a secret from a file that only its owner can read, without the newline", () => {
    set("PORTAL_SECRET_FILE", file("own", 0o600));
    expect(env().secret).toBe("a secret");
  });

  it.each([
    [
      "a secret file that others can read",
      "PORTAL_SECRET_FILE",
      () => file("open", 0o640),
      /open can be read by others: run chmod 600/,
    ],
    [
      "a secret file that is not there",
      "DATABASE_URL_FILE",
      () => join(dir, "none"),
      /^DATABASE_URL_FILE: there is no file .*none\.$/,
    ],
    ["an unknown role", "PORTAL_ROLES", () => "web,foo", /knows only web, gateway, reconciler/],
    ["a port that is no number", "PORT", () => "abc", /^PORT must be a number up to 65535, not "abc"\.$/],
    ["a port that is too high", "PORT", () => "70000", /^PORT must be/],
  ])("refuses %s in one sentence", (_what, name, value, sentence) => {
    set(name, value());
    expect(env).toThrow(sentence);
  });

  it("names the configuration that is not there, and how to name another", () => {
    set("PORTAL_CONFIG", join(dir, "portal.yaml"));
    expect(config).toThrow(/^There is no .*portal\.yaml: name one with PORTAL_CONFIG/);
  });
});
