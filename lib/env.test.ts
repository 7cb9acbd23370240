import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { config } from "@/lib/config";
import { env, isOpenToOthers } from "@/lib/env";

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "env-test-"));
});
beforeEach(() => void vi.stubEnv("PORTAL_SECRET", undefined));
afterEach(() => void vi.unstubAllEnvs().restoreAllMocks());
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function file(name: string, mode: number, text = "a secret\n"): string {
  const path = join(dir, name);
  writeFileSync(path, text);
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
    {
      what: "a secret file that others can read",
      name: "PORTAL_SECRET_FILE",
      value: () => file("open", 0o640),
      sentence: /open can be read by others: run chmod 600/,
    },
    {
      what: "a secret file that holds nothing",
      name: "DATABASE_URL_FILE",
      value: () => file("empty", 0o600, " \n"),
      sentence: /empty is empty: DATABASE_URL is what it must hold\.$/,
    },
    {
      what: "a secret file that is not there",
      name: "DATABASE_URL_FILE",
      value: () => join(dir, "none"),
      sentence: /^DATABASE_URL_FILE: there is no file .*none\.$/,
    },
    { what: "an unknown role", name: "PORTAL_ROLES", value: () => "web,foo", sentence: /knows only web, gateway/ },
    { what: "a port that is no number", name: "PORT", value: () => "abc", sentence: /^PORT must be .* not "abc"\.$/ },
    ...[
      "postgresql://berth:a#b@db/berth",
      "postgresql://berth:a/b@db/berth",
      '"postgresql://db/berth"',
      "mysql://db/b",
    ].map((value) => ({
      what: `${value} as the database`,
      name: "DATABASE_URL",
      value: () => value,
      sentence: /^DATABASE_URL is no address such as postgresql:.*%2F %23/,
    })),
    {
      what: "a file with something else as the database",
      name: "DATABASE_URL_FILE",
      value: () => file("database-url", 0o600, "berth:hush\n"),
      sentence: /^DATABASE_URL \(in .*database-url\) is no address(?!.*hush)/,
    },
    {
      what: "a level that there is not",
      name: "LOG_LEVEL",
      value: () => "WARN",
      sentence: /^LOG_LEVEL must.*"WARN"\.$/,
    },
    { what: "a port that is too high", name: "PORT", value: () => "70000", sentence: /^PORT must be/ },
  ])("refuses $what in one sentence", ({ name, value, sentence }) => {
    set(name, value());
    expect(env).toThrow(sentence);
  });

  it.each([
    "postgres://berth@db/berth",
    "postgresql://berth:a%2Fb%23@db.example.org:5432/berth?sslmode=require",
    "postgresql:///berth?host=/run/postgresql",
    "postgresql://berth:pw@/berth?host=/run/postgresql",
    "postgresql://[2001:db8::1]:5433/berth",
  ])("takes %s for a database", (value) => {
    set("DATABASE_URL", value);
    expect(env().databaseUrl).toBe(value);
  });

  it("takes what is set to nothing for not set", () => {
    const names = ["PORTAL_DATA", "PORTAL_CONFIG", "PORTAL_TEMPLATES", "PORTAL_ROLES", "PORT", "LOG_LEVEL"];
    for (const name of names) vi.stubEnv(name, undefined);
    const unset = env();
    for (const name of names) set(name, "");
    expect(env()).toEqual(unset);
  });

  describe("of a secret that root has given", () => {
    const [portal, own, elsewhere] = [990, 991, 992];
    beforeEach(() => {
      vi.spyOn(process, "getuid").mockReturnValue(portal);
      vi.spyOn(process, "getgid").mockReturnValue(own);
      set("CREDENTIALS_DIRECTORY", "/run/credentials/berth.service");
      set("KUBERNETES_SERVICE_HOST", "10.96.0.1");
    });

    it.each([
      ["the portal's own group", "/secrets/a", 0o100440, 0, own, false],
      ["the portal's own group, which may write", "/secrets/a", 0o100660, 0, own, true],
      ["everybody", "/secrets/a", 0o100444, 0, own, true],
      ["another group", "/secrets/a", 0o100440, 0, elsewhere, true],
      ["its group, though it is not root's", "/secrets/a", 0o100440, portal, own, true],
      ["the portal's own group on a machine, where others may be in it", "/etc/berth/a", 0o100440, 0, own, true],
      ["systemd's access list", "/run/credentials/berth.service/a", 0o100440, 0, 0, false],
      ["root's group elsewhere", "/run/credentials/other.service/a", 0o100440, 0, 0, true],
    ])("knows whether others can read it: %s", (_who, path, mode, uid, gid, isOpen) => {
      if (path.startsWith("/etc")) vi.stubEnv("KUBERNETES_SERVICE_HOST", undefined);
      expect(isOpenToOthers(path, { mode, uid, gid })).toBe(isOpen);
    });
  });

  it("names the configuration that is not there, and how to name another", () => {
    set("PORTAL_CONFIG", join(dir, "portal.yaml"));
    expect(config).toThrow(/^There is no .*portal\.yaml: name one with PORTAL_CONFIG/);
  });
});
