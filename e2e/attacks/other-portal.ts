// A second, short-lived portal from the same build, for attacks that need other settings than the site's: another provider,
// another account rule, an insecure start. It has a database of its own on the site's server, and the site's cluster.

import { randomBytes } from "node:crypto";
import { chownSync, copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import pg from "pg";
import { parse, stringify } from "yaml";
import { type Started, start, stop, untilAnswers } from "@/dev/demo/processes";
import { siteUnderTest } from "@/e2e/attacks/site";
import { migrateServer } from "@/lib/db/migrate-server";

export type Settings = { url: string; clusters: Record<string, unknown>[]; signIn: Record<string, unknown> };

export type Ground = {
  url: string;
  /** Holds portal.yaml, `secret` and `client`; the portal's own. */
  directory: string;
  release: string;
  environment: Record<string, string>;
  account: { uid: number; gid: number };
  remove: () => void;
};

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => probe.once("listening", resolve));
  // A server that listens on TCP has an address with a port.
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/** Everything a portal needs to start, and nothing started yet. */
export async function layOut(change: (settings: Settings) => object = (same) => same): Promise<Ground> {
  const { data, configFile } = siteUnderTest();
  const { uid, gid } = statSync(data);
  const directory = mkdtempSync(join(tmpdir(), "berth-other-"));
  const port = await freePort();
  const url = `http://localhost:${port}`;
  // dev/test/site.ts wrote it from these members.
  const plain = parse(readFileSync(configFile, "utf8")) as Settings;
  const settings = change({ ...plain, url, ...{ appsHosts: `*.apps.localhost:${port}` } });
  writeFileSync(join(directory, "portal.yaml"), stringify(settings), { mode: 0o600 });
  copyFileSync(join(data, "secret"), join(directory, "secret"));
  writeFileSync(join(directory, "client"), "client-of-the-tests", { mode: 0o600 });
  for (const name of ["", "portal.yaml", "secret", "client"]) chownSync(join(directory, name), uid, gid);
  const environment = {
    HOME: directory,
    PORT: String(port),
    PORTAL_DATA: directory,
    PORTAL_CONFIG: join(directory, "portal.yaml"),
    PORTAL_SECRET_FILE: join(directory, "secret"),
    OIDC_CLIENT_SECRET_FILE: join(directory, "client"),
    PORTAL_PARENT_WATCH: "1",
    PORTAL_ROLES: "web",
  };
  const release = join(dirname(data), "release");
  const remove = () => rmSync(directory, { recursive: true, force: true });
  return { url, directory, release, environment, account: { uid, gid }, remove };
}

/** Starts the built server on this ground; `account: null` is whoever runs the tests. */
export function launch({ release, environment, account }: Ground, more: Record<string, string> = {}): Started {
  const env = { ...environment, ...more };
  return start({ name: "The other portal", args: ["dist/server.mjs"], cwd: release, env, account, show: false });
}

async function onServer(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: siteUnderTest().databaseUrl });
  await client.connect();
  await client.query(sql).finally(() => client.end());
}

export type OtherPortal = {
  url: string;
  rows: <Row extends pg.QueryResultRow>(sql: string, values?: unknown[]) => Promise<Row[]>;
  /** What it said so far. */
  said: () => string;
  stop: () => Promise<void>;
};

/** A whole portal that answers, on a database of its own. */
export async function startOtherPortal(change: (settings: Settings) => object): Promise<OtherPortal> {
  const ground = await layOut(change);
  const name = `other_${randomBytes(6).toString("hex")}`;
  await onServer(`create database ${name}`);
  const databaseUrl = siteUnderTest().databaseUrl.replace(/[^/]*$/, name);
  await migrateServer(databaseUrl);
  const running = launch(ground, { DATABASE_URL: databaseUrl });
  const end = async () => {
    await stop(running, 15);
    await onServer(`drop database ${name} with (force)`);
    ground.remove();
  };
  await untilAnswers(running, `${ground.url}/api/health`, 60).catch(async (error) => {
    await end();
    throw error;
  });
  const rows: OtherPortal["rows"] = async (sql, values = []) => {
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    return (await client.query(sql, values).finally(() => client.end())).rows;
  };
  return { url: ground.url, rows, said: () => running.said.join(""), stop: end };
}
