// Writes what a demo needs once: secrets that only the portal's account can read, and its portal.yaml.
import { randomBytes } from "node:crypto";
import { chmodSync, chownSync, copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { z } from "zod";
import type { Demo } from "./options";

export type Account = { uid: number; gid: number } | null;

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

function give(path: string, mode: number, account: Account): void {
  chmodSync(path, mode);
  if (account) chownSync(path, account.uid, account.gid);
}

/** Makes `path` the portal's: its own alone, or, with 0711, one that others may pass through but not list. */
export function makeDirectory(path: string, account: Account, mode: 0o700 | 0o711 = 0o700): void {
  mkdirSync(path, { recursive: true });
  give(path, mode, account);
}

/** A random secret in a 0600 file, made once. Answers the file's path. */
export function secretFile(dataDir: string, name: string, account: Account): string {
  const file = join(dataDir, name);
  if (!existsSync(file)) writeFileSync(file, `${randomBytes(36).toString("base64url")}\n`, { mode: 0o600 });
  give(file, 0o600, account);
  return file;
}

/** A copy of the people's file that the portal's account can read, wherever the file is. */
export function readableCopy(dataDir: string, file: string, account: Account): string {
  const copy = join(dataDir, "accounts.json");
  copyFileSync(file, copy);
  give(copy, 0o600, account);
  return copy;
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
  const keyFile = join(demo.dataDir, "ca");
  copyFileSync(facts.ca.privateKey, keyFile);
  give(keyFile, 0o600, account);
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
  const file = join(demo.dataDir, "portal.yaml");
  writeFileSync(file, text, { mode: 0o600 });
  give(file, 0o600, account);
  return file;
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
