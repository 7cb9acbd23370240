// A portal as a site runs it, for attacks, faults and benchmarks: the production build as the account `berth`, settings in a
// portal.yaml, PostgreSQL, a real identity provider, the real Slurm of cluster/up behind sshd. Needs root on Debian.
import "./localhost-names";
import { closeSync, openSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { ensureAccount } from "@/dev/demo/machine";
import { type Demo, readOptions } from "@/dev/demo/options";
import { type Account, clientSecret, giveDirectory, makeDirectory, makeHome } from "@/dev/demo/places";
import { nodeFlags, type Started, start, stop, untilAnswers } from "@/dev/demo/processes";
import { runProgram } from "@/dev/demo/programs";
import { buildIfNeeded, copyRelease } from "@/dev/demo/release";
import { readableCopy, secretFile, slurmCluster, writeSettings } from "@/dev/demo/settings";
import { type Postgres, startPostgres } from "@/dev/postgres";
import { migrateServer } from "@/lib/db/migrate-server";

type Settings = Record<string, unknown>;

export type SiteOptions = {
  /** The portal's port; the identity provider is on the next one. */
  port: number;
  /** berth.localhost: portal and apps are same-site, as in production. localhost: they are cross-site. */
  domain?: "berth.localhost" | "localhost";
  /** The people the identity provider knows: a file for `cluster/idp --accounts`. */
  people?: string;
  /** Changes to portal.yaml before it is written. */
  settings?: (settings: Settings) => Settings;
  /** More environment for the portal's process. */
  environment?: Record<string, string>;
  /** Another way to the database, such as through a fault proxy. */
  databaseUrl?: (url: string) => string;
  /** Where the identity provider listens, when something stands at its address. */
  idpListens?: number;
  /** --import files for the portal's process. */
  preload?: string[];
};

/** What a test in another process needs to know of a site. */
export type SiteFacts = {
  /** As people type it: http://portal.berth.localhost:3300 */
  url: string;
  port: number;
  /** `*.apps.berth.localhost:3300` */
  appsHosts: string;
  /** The portal's data: operators' socket, secrets, CA key. */
  data: string;
  /** Of the database, without anything in between. */
  databaseUrl: string;
  /** Where the portal's standard output and error went, since the site began. */
  logFile: string;
  configFile: string;
  clusterDir: string;
  idpUrl: string;
};

export type Site = SiteFacts & {
  postgres: Postgres;
  /** The portal's own process id. */
  pid: () => number;
  startPortal: (environment?: Record<string, string>) => Promise<void>;
  /** Resolves when the process is gone. */
  endPortal: (signal: "SIGTERM" | "SIGKILL") => Promise<void>;
  startProvider: () => Promise<void>;
  stopProvider: () => Promise<void>;
  /** Ends portal, provider and database, and removes the database. The cluster stays up: `cluster/down` ends it. */
  stop: () => Promise<void>;
};

const portalHost = (domain: string) => (domain === "localhost" ? domain : `portal.${domain}`);

function settingsOf(demo: Demo, account: Account, options: SiteOptions): Settings {
  const { domain = "berth.localhost", port } = options;
  const plain: Settings = {
    url: `http://${portalHost(domain)}:${port}`,
    appsHosts: `*.apps.${domain}:${port}`,
    branding: { title: "Berth", support: "whoever runs these tests" },
    signIn: {
      issuer: `http://localhost:${demo.idpPort}`,
      clientId: "berth",
      roles: { admin: "admin", operator: "operator" },
    },
    clusters: [slurmCluster(demo, account)],
    limits: [{ who: "everyone", sessions: 8, gpus: 4 }],
  };
  return options.settings?.(plain) ?? plain;
}

/** Makes the machine ready: account, cluster, build, release. Slow once, quick when all is there. */
async function prepare(demo: Demo): Promise<Account> {
  const home = demo.home;
  if (!home) throw new Error("A site needs root: it makes Unix accounts and a Slurm.");
  const account = await ensureAccount(home);
  makeHome(home, account);
  await runProgram("cluster/up", ["--quiet", "--dir", demo.clusterDir, "--copy", String(demo.copy)], {
    tell: "program",
  });
  await buildIfNeeded();
  await copyRelease(demo.releaseDir);
  rmSync(demo.dataDir, { recursive: true, force: true });
  for (const path of [demo.dataDir, join(home, "home")]) giveDirectory(path, account);
  return account;
}

type Ground = {
  demo: Demo;
  account: Account;
  options: SiteOptions;
  files: { secret: string; client: string; config: string; log: number };
  databaseUrl: string;
};

/** A process of the site that can be started again after it ended. */
function restartable(launch: () => Started, address: string) {
  let running: Started | null = null;
  const begin = async () => {
    running = launch();
    await untilAnswers(running, address, 60);
  };
  const end = async (signal: "SIGTERM" | "SIGKILL" = "SIGTERM") => {
    if (running && signal === "SIGKILL") running.child.kill(signal);
    if (running) await stop(running, 15);
    running = null;
  };
  const pid = () => {
    const found = running?.child.pid;
    if (!found) throw new Error("It is not running.");
    return found;
  };
  return { begin, end, pid };
}

function provider({ demo, account, options, files }: Ground, url: string) {
  const state = join(demo.dataDir, "idp");
  makeDirectory(state, account);
  const port = options.idpListens ?? demo.idpPort;
  const people = readableCopy(demo.dataDir, options.people ?? "e2e/people.json", account);
  const given: Record<string, string> = {
    port: String(port),
    issuer: `http://localhost:${demo.idpPort}`,
    "client-id": "berth",
    "client-secret-file": files.client,
    redirect: url,
    state,
    accounts: people,
  };
  const args = ["dist/idp.mjs", ...Object.entries(given).flatMap(([name, value]) => [`--${name}`, value])];
  const env = { HOME: demo.dataDir, PORTAL_PARENT_WATCH: "1" };
  const launch = () => start({ name: "The identity provider", args, cwd: demo.releaseDir, env, account, show: false });
  return restartable(launch, `http://127.0.0.1:${port}/.well-known/openid-configuration`);
}

function environmentOf({ demo, options, files, databaseUrl }: Ground): Record<string, string> {
  return {
    HOME: join(demo.home ?? demo.dataDir, "home"),
    USER: "berth",
    NODE_ENV: "production",
    PORT: String(demo.port),
    PORTAL_DATA: demo.dataDir,
    PORTAL_CONFIG: files.config,
    PORTAL_SECRET_FILE: files.secret,
    OIDC_CLIENT_SECRET_FILE: files.client,
    PORTAL_PARENT_WATCH: "1",
    PORTAL_SENTINELS: "1",
    DATABASE_URL: options.databaseUrl?.(databaseUrl) ?? databaseUrl,
    ...options.environment,
  };
}

function portal(ground: Ground) {
  const { demo, account, options, files } = ground;
  let more: Record<string, string> = {};
  const launch = () => {
    const env: Record<string, string> = { ...environmentOf(ground), ...more };
    const preload = [...(options.preload ?? []), ...(env.PORTAL_KILL_AT ? ["./dev/kill-at.mjs"] : [])];
    const args = [...nodeFlags, ...preload.flatMap((file) => ["--import", file]), "dist/server.mjs"];
    return start({ name: "The portal", args, cwd: demo.releaseDir, env, account, show: false, log: files.log });
  };
  const process = restartable(launch, `http://127.0.0.1:${demo.port}/api/health`);
  const begin = (environment: Record<string, string> = {}) => {
    more = environment;
    return process.begin();
  };
  return { ...process, begin };
}

/** Brings a site up; it has nobody and nothing in it yet. */
export async function startSite(options: SiteOptions): Promise<Site> {
  const demo = readOptions(["--slurm", "--port", String(options.port)], process.getuid?.() === 0);
  const account = await prepare(demo);
  const settings = settingsOf(demo, account, options);
  const postgres = await startPostgres();
  await migrateServer(postgres.url);
  const logFile = join(demo.home ?? demo.dataDir, "portal.log");
  rmSync(logFile, { force: true });
  const files = {
    secret: secretFile(demo.dataDir, "secret", account),
    client: secretFile(demo.dataDir, clientSecret, account),
    config: writeSettings(demo, account, stringify(settings)),
    log: openSync(logFile, "a", 0o600),
  };
  const ground: Ground = { demo, account, options, files, databaseUrl: postgres.url };
  // settingsOf() wrote these as text.
  const { url, appsHosts } = settings as { url: string; appsHosts: string };
  const idp = provider(ground, url);
  const berth = portal(ground);
  const stopAll = async () => {
    await berth.end();
    await idp.end();
    await postgres.remove();
    closeSync(files.log);
  };
  const site: Site = {
    url,
    appsHosts,
    port: demo.port,
    data: demo.dataDir,
    databaseUrl: postgres.url,
    logFile,
    configFile: files.config,
    clusterDir: demo.clusterDir,
    idpUrl: `http://localhost:${demo.idpPort}`,
    postgres,
    pid: berth.pid,
    startPortal: berth.begin,
    endPortal: berth.end,
    startProvider: idp.begin,
    stopProvider: () => idp.end(),
    stop: stopAll,
  };
  try {
    await Promise.all([idp.begin(), berth.begin()]);
  } catch (error) {
    const words = readFileSync(logFile, "utf8").slice(-2000);
    await stopAll();
    throw new Error(`The site did not start: ${String(error)}\n${words}`, { cause: error });
  }
  return site;
}
