import { chmodSync, cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { forgetOnce } from "@/dev/forget-once";
import { testFolder } from "@/dev/test-folder";
import { oneCluster, useConfig } from "@/dev/test-portal";
import { checkStart, refuseRoot } from "@/lib/start-checks";

const keyFile = join(testFolder("ca"), "ca");
writeFileSync(keyFile, "a key", { mode: 0o600 });
const clusters = (file: string) => [{ ...oneCluster, ssh: { ...oneCluster.ssh, ca: { keyFile: file } } }];

beforeEach(() => {
  chmodSync(keyFile, 0o600);
  forgetOnce("templates");
});

describe("the portal starts", () => {
  it("with a strong secret and a CA key that only it can read", () => {
    useConfig({ clusters: clusters(keyFile) });
    expect(checkStart).not.toThrow();
  });
});

describe("the portal refuses to start (P8)", () => {
  it("as root, and as nobody else", () => {
    expect(() => refuseRoot(0)).toThrow(/never runs as root/);
    expect(() => refuseRoot(1000)).not.toThrow();
    expect(() => refuseRoot(undefined)).not.toThrow();
  });

  it.each([0o604, 0o640, 0o602])("with a CA key of mode %o", (mode) => {
    useConfig({ clusters: clusters(keyFile) });
    chmodSync(keyFile, mode);
    expect(checkStart).toThrow(/^Cluster cluster: others can read its CA key\. Run chmod 600 /);
  });

  it("without its CA key", () => {
    useConfig({ clusters: clusters("/nowhere/ca") });
    expect(checkStart).toThrow("there is no CA key at /nowhere/ca");
  });

  it("with a data directory that others can enter", () => {
    useConfig({ clusters: clusters(keyFile) });
    process.env.PORTAL_DATA = testFolder("data");
    try {
      expect(checkStart).not.toThrow();
      chmodSync(process.env.PORTAL_DATA, 0o710);
      expect(checkStart).toThrow(/can be opened by others: run chmod go= on it\.$/);
    } finally {
      delete process.env.PORTAL_DATA;
    }
  });

  it("at an address where browsers keep no cookie, unless it is this machine", () => {
    useConfig({ clusters: clusters(keyFile), url: "http://192.0.2.5:3000" });
    expect(checkStart).toThrow("url http://192.0.2.5:3000 is not encrypted: write its https:// address.");
    useConfig({ clusters: clusters(keyFile), url: "http://portal.berth.localhost:3000" });
    expect(checkStart).not.toThrow();
  });

  it("with an identity provider that is reached unencrypted, unless it is on this machine", () => {
    const signIn = (issuer: string) => ({ clusters: clusters(keyFile), signIn: { issuer, clientId: "berth" } });
    useConfig(signIn("http://id.example.org"));
    expect(checkStart).toThrow("signIn.issuer http://id.example.org is not encrypted: write its https:// address.");
    useConfig(signIn("http://localhost:3001"));
    expect(checkStart).not.toThrow();
  });

  it.each([0o666, 0o664])("with a template of mode %o", (mode) => {
    useConfig({ clusters: clusters(keyFile) });
    const directory = testFolder("templates");
    cpSync("templates", directory, { recursive: true });
    chmodSync(join(directory, "jupyter/script.sh"), mode);
    process.env.PORTAL_TEMPLATES = directory;
    try {
      expect(checkStart).toThrow(/^Others can change the template file .*script\.sh: run chmod go-w on it\.$/);
    } finally {
      delete process.env.PORTAL_TEMPLATES;
    }
  });

  it.each(["short", "change-me-change-me-change-me-change-me", "a".repeat(64)])("with the secret %s", (secret) => {
    useConfig({ clusters: clusters(keyFile) });
    process.env.PORTAL_SECRET = secret;
    expect(checkStart).toThrow(/^PORTAL_SECRET is /);
  });
});
