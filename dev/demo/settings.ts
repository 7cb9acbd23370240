// Writes what a demo needs once: secrets that only the portal's account can read, and its portal.yaml.
import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { z } from "zod";
import type { Demo } from "./options";
import { type Account, asAccount, writePrivate } from "./places";

const clusterFacts = z.object({
  slurmConf: z.string(),
  slurmBin: z.string(),
  logins: z.array(z.object({ host: z.string(), port: z.number() })),
  hostKeys: z.array(z.string()),
  ca: z.object({ privateKey: z.string() }),
  nodeNetworks: z.array(z.string()),
  poller: z.string(),
  lmod: z.object({ init: z.string(), modulePath: z.string() }),
});

/** A random secret in a 0600 file, made once. Answers the file's path. */
export function secretFile(dataDir: string, name: string, account: Account): string {
  const file = join(dataDir, name);
  asAccount(account, () => {
    if (!existsSync(file)) writeFileSync(file, `${randomBytes(36).toString("base64url")}\n`, { mode: 0o600 });
    chmodSync(file, 0o600);
  });
  return file;
}

/** A copy of the people's file that the portal's account can read, wherever the file is. */
export function readableCopy(dataDir: string, file: string, account: Account): string {
  return writePrivate(join(dataDir, "accounts.json"), readFileSync(file), account);
}

const localCluster = (demo: Demo, cgroupParent: string | null) => ({
  name: "local",
  title: "This machine",
  scheduler: "local",
  account: { from: "process" },
  sessionPath: join(demo.dataDir, "sessions"),
  scratchPath: join(demo.dataDir, "scratch"),
  nodeNetworks: ["127.0.0.0/8"],
  ...(cgroupParent ? { local: { cgroupParent } } : {}),
});

/** The cluster of `cluster/up`, as portal.yaml names one. Copies its CA key to the portal's data. */
export function slurmCluster(demo: Demo, account: Account) {
  const facts = clusterFacts.parse(JSON.parse(readFileSync(join(demo.clusterDir, "cluster.json"), "utf8")));
  const keyFile = writePrivate(join(demo.dataDir, "ca"), readFileSync(facts.ca.privateKey), account);
  return {
    name: "hpc",
    title: "Slurm on this machine",
    scheduler: "slurm",
    ssh: { hosts: facts.logins, hostKeys: facts.hostKeys, ca: { keyFile }, sourceAddress: ["127.0.0.0/8"] },
    account: { from: "claim", claim: "preferred_username" },
    poller: facts.poller,
    binDir: facts.slurmBin,
    slurmConf: facts.slurmConf,
    sessionPath: "~/.berth/sessions",
    scratchPath: "/tmp",
    nodeNetworks: facts.nodeNetworks,
    modules: { init: facts.lmod.init.replace(/\/sh$/, "/bash"), path: facts.lmod.modulePath },
  };
}

/** Writes a portal.yaml that the portal's account can read. Answers its path. */
export function writeSettings(demo: Demo, account: Account, text: string): string {
  return writePrivate(join(demo.dataDir, "portal.yaml"), text, account);
}

/** portal.yaml of the demo, written anew at each start: its ports and the cluster's keys may have changed. */
export function writeConfig(demo: Demo, account: Account, cgroupParent: string | null): string {
  const settings = {
    url: `http://localhost:${demo.port}`,
    appsHosts: `*.apps.localhost:${demo.port}`,
    branding: { title: "Berth", support: "whoever started this demo" },
    signIn: {
      issuer: `http://localhost:${demo.idpPort}`,
      clientId: "berth",
      roles: { admin: "admin", operator: "operator" },
    },
    clusters: [demo.slurm ? slurmCluster(demo, account) : localCluster(demo, cgroupParent)],
    limits: [{ who: "everyone", sessions: 8, gpus: 4 }],
  };
  return writeSettings(
    demo,
    account,
    `# Written by npm run demo at each start.
${stringify(settings)}`,
  );
}

/** The portal's environment. Of the shell that starts the demo nothing is in it but what the tests say: another project's may be open there. */
export function portalEnvironment(demo: Demo, files: { secret: string; client: string; config: string }) {
  const passed = Object.entries(process.env).filter(([name]) => /^PORTAL_(KILL_AT|SENTINELS)$/.test(name));
  return {
    ...Object.fromEntries(passed.map(([name, value]) => [name, value ?? ""])),
    // People look around in it: the portal's own files must not be there.
    HOME: demo.home ? join(demo.home, "home") : (process.env.HOME ?? demo.dataDir),
    USER: demo.home ? "berth" : (process.env.USER ?? "berth"),
    NODE_ENV: "production",
    PORT: String(demo.port),
    PORTAL_DEMO: "1",
    PORTAL_DATA: demo.dataDir,
    PORTAL_CONFIG: files.config,
    PORTAL_SECRET_FILE: files.secret,
    OIDC_CLIENT_SECRET_FILE: files.client,
    PORTAL_PARENT_WATCH: "1",
  };
}
