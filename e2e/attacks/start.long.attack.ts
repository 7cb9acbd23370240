// P8: the built server, started carelessly. It must not listen, and must say in one sentence what to do.

import { once as event } from "node:events";
import { chmodSync, copyFileSync, cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { stop } from "@/dev/demo/processes";
import { type Ground, launch, layOut } from "@/e2e/attacks/other-portal";

let readable: string;

beforeAll(() => {
  // Hosts of the settings are the site's; nothing here gets far enough to use them.
  readable = mkdtempSync(join(tmpdir(), "berth-careless-"));
  chmodSync(readable, 0o755);
});
afterAll(() => rmSync(readable, { recursive: true, force: true }));

type Careless = {
  environment?: Record<string, string>;
  spoil?: (ground: Ground) => void;
  settings?: (settings: { clusters: Record<string, unknown>[] }) => object;
  asRoot?: boolean;
  says: RegExp;
};

const inFile =
  (name: string, text: string) =>
  ({ directory }: Ground) =>
    writeFileSync(join(directory, name), text);

const strong = "kT9mQ2vX7bLwR4nZc8pFdH3sJ6gYtU5e";
const without = { PORTAL_SECRET_FILE: "" };

const starts: Record<string, Careless> = {
  "without a secret": { environment: without, says: /PORTAL_SECRET is not set/ },
  "with the example's secret": {
    environment: { ...without, PORTAL_SECRET: "change-me-change-me-change-me-change-me" },
    says: /PORTAL_SECRET is an example/,
  },
  "with a short secret": {
    environment: { ...without, PORTAL_SECRET: strong.slice(0, 20) },
    says: /PORTAL_SECRET is shorter than 32/,
  },
  "with a repeated secret": { environment: { ...without, PORTAL_SECRET: "ab".repeat(20) }, says: /easy to guess/ },
  "with an empty secret file": {
    spoil: inFile("secret", ""),
    says: /secret is empty: PORTAL_SECRET is what it must hold/,
  },
  "with a secret that others can read": {
    spoil: ({ directory }) => chmodSync(join(directory, "secret"), 0o644),
    says: /secret can be read by others: run chmod 600/,
  },
  "with a client secret that others can read": {
    spoil: ({ directory }) => chmodSync(join(directory, "client"), 0o640),
    says: /client can be read by others/,
  },
  "without a configuration": {
    environment: { PORTAL_CONFIG: "/nowhere/portal.yaml" },
    says: /There is no \/nowhere\/portal\.yaml/,
  },
  "with a configuration that others can change": {
    spoil: ({ directory }) => chmodSync(join(directory, "portal.yaml"), 0o606),
    says: /portal\.yaml can be changed by others: run chmod go-w/,
  },
  "with a configuration that its group can change": {
    spoil: ({ directory }) => chmodSync(join(directory, "portal.yaml"), 0o660),
    says: /portal\.yaml can be changed by others/,
  },
  "with a setting that does not exist": {
    settings: (settings) => ({ ...settings, disableAuth: true }),
    says: /portal\.yaml:\d+ .*disableAuth/s,
  },
  "with a CA key that others can read": {
    settings: (settings) => {
      const [cluster = {}] = settings.clusters;
      // dev/test/site.ts wrote this cluster with a key file.
      const ssh = cluster.ssh as { ca: { keyFile: string } };
      const keyFile = join(readable, "ca");
      copyFileSync(ssh.ca.keyFile, keyFile);
      chmodSync(keyFile, 0o644);
      return { ...settings, clusters: [{ ...cluster, ssh: { ...ssh, ca: { keyFile } } }] };
    },
    says: /others can read its CA key\. Run chmod 600/,
  },
  "without host keys of the login node": {
    settings: (settings) => {
      const [cluster = {}] = settings.clusters;
      return { ...settings, clusters: [{ ...cluster, ssh: { ...(cluster.ssh as object), hostKeys: [] } }] };
    },
    says: /hostKeys/,
  },
  "with a template that anybody can change": {
    environment: { PORTAL_TEMPLATES: "templates-of-anybody" },
    spoil: (made) => {
      const templates = join(readable, "templates");
      cpSync("templates", templates, { recursive: true });
      chmodSync(join(templates, "jupyter/script.sh"), 0o777);
      made.environment.PORTAL_TEMPLATES = templates;
    },
    says: /Others can change the template file .*script\.sh: run chmod go-w/,
  },
  "with an identity provider that is reached unencrypted": {
    settings: (settings) => ({ ...settings, signIn: { issuer: "http://id.example.org", clientId: "berth" } }),
    says: /signIn\.issuer http:\/\/id\.example\.org is not encrypted/,
  },
  "with a data directory that others can enter": {
    spoil: ({ directory }) => chmodSync(directory, 0o755),
    says: /can be opened by others|others can/,
  },
  "as root": { asRoot: true, says: /never runs as root/ },
};

it.concurrent.each(Object.entries(starts))("P8 does not start %s", async (_name, careless) => {
  const ground = await layOut(careless.settings as never); // Settings with more in it than this file needs.
  try {
    careless.spoil?.(ground);
    const { PORTAL_TEMPLATES: _made, ...environment } = careless.environment ?? {};
    const account = careless.asRoot ? { uid: 0, gid: 0 } : ground.account;
    const started = launch({ ...ground, account }, environment);
    const late = setTimeout(() => started.child.kill("SIGKILL"), 30_000);
    const [code] = await event(started.child, "exit");
    clearTimeout(late);
    const words = started.said.join("");
    expect(words).toMatch(careless.says);
    expect(code).toBe(1);
    expect(words).toMatch(/^berth cannot start: /m);
    // One sentence for people, no stack, and not the secret itself.
    expect(words).not.toMatch(/^\s+at /m);
    expect(words).not.toContain(environment.PORTAL_SECRET || "no secret was given");
    expect(await fetch(`${ground.url}/api/health`).catch(() => null)).toBeNull();
    await stop(started, 1);
  } finally {
    ground.remove();
  }
});
