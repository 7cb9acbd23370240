// A site with a fault proxy in front of everything that the portal talks to: both login nodes, the identity provider and
// PostgreSQL. The cluster's programs are links that a fault may replace. Waits are shortened unless the run says otherwise.
import { cpSync, mkdirSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { type FaultProxy, faultProxy, type Target } from "@/dev/fault-proxy";
import { type Site, type SiteOptions, startSite } from "@/dev/test/site";
import { tokenBySignIn } from "@/dev/test/token-by-sign-in";
import { type Api, apiOf } from "@/e2e/api";
import { slurm } from "@/e2e/machine";
import type { Audited } from "./audit";
import { plan } from "./plan";
import { type Cluster, clusterAt } from "./slurm";

export type Ground = {
  site: Site;
  logins: [FaultProxy, FaultProxy];
  provider: FaultProxy;
  database: FaultProxy;
  cluster: Cluster;
  /** Directory of the scheduler's programs, each a link that may be replaced. */
  programs: string;
  api: (who: Person) => Api;
  audited: Audited;
  /** Ends every fault of the proxies. */
  heal: () => Promise<void>;
};

type Settings = { clusters: { ssh: { hosts: Target[] } & Record<string, unknown>; [name: string]: unknown }[] };
/** What a fault file wants of its site beyond the usual. */
export type More = Pick<SiteOptions, "environment"> & {
  ssh?: (ssh: Record<string, unknown>, data: string) => Record<string, unknown>;
  cluster?: Record<string, unknown>;
};

export const people = ["alice", "bob", "carol"] as const;
export type Person = (typeof people)[number];

const shortWaits = {
  busyPollSeconds: 0.5,
  quietPollSeconds: 2,
  factsSeconds: 5,
  lookApartSeconds: 3,
  absenceSeconds: 20,
  unreachableAfterSeconds: 5,
  cleanRetrySeconds: 2,
};
const shortSsh = { handshakeTimeoutSeconds: 3, retryHostSeconds: 5, keepaliveSeconds: 3 };
const somewhere = (): Target => ({ host: "127.0.0.1", port: 1 });
const programNames = ["sbatch", "squeue", "scancel", "scontrol", "sacct", "sacctmgr", "sinfo"];

/** Homes are shared by every site of the machine: session directories have a place of their own. */
const folderOf = (port: number): string => `.berth-${port}/sessions`;

function linkPrograms(home: string): string {
  const programs = join(home, "programs");
  rmSync(programs, { recursive: true, force: true });
  mkdirSync(programs, { recursive: true, mode: 0o755 });
  for (const name of programNames) symlinkSync(`/usr/bin/${name}`, join(programs, name));
  return programs;
}

function placeTemplates(home: string): string {
  const place = join(home, "templates");
  rmSync(place, { recursive: true, force: true });
  for (const source of ["templates", "e2e/faults/templates"]) {
    for (const name of readdirSync(source)) cpSync(join(source, name), join(place, name), { recursive: true });
  }
  return place;
}

/** Jobs and directories of an earlier run on this port, which nobody would know any more. */
function sweep(port: number): void {
  for (const who of people) {
    slurm(["scancel", "-u", who]);
    rmSync(`/home/${who}/.berth-${port}`, { recursive: true, force: true });
  }
}

async function begin(more: More): Promise<Ground & { end: () => Promise<void> }> {
  const { port, waits } = plan();
  const home = `/var/lib/berth-${port}`;
  const data = join(home, "data");
  mkdirSync(home, { recursive: true, mode: 0o711 });
  const programs = linkPrograms(home);
  const targets = [somewhere(), somewhere()];
  const databaseAt = somewhere();
  const idpListens = port + 4;
  const [one, two, provider, database] = await Promise.all([
    ...targets.map((target) => faultProxy(target)),
    faultProxy({ host: "127.0.0.1", port: idpListens }, port + 1),
    faultProxy(databaseAt),
  ]);
  if (!one || !two || !provider || !database) throw new Error("There are four proxies.");
  const isShort = waits === "short";

  const settings: SiteOptions["settings"] = (plain) => {
    // What dev/test/site.ts writes.
    const [cluster, ...others] = (plain as Settings).clusters;
    if (!cluster) throw new Error("A site has a cluster.");
    for (const [index, target] of targets.entries()) Object.assign(target, cluster.ssh.hosts[index]);
    const hosts = [one, two].map((proxy) => ({ host: proxy.host, port: proxy.port }));
    const ssh = { ...cluster.ssh, hosts, ...(isShort ? shortSsh : {}) };
    const changed = {
      ...cluster,
      ssh: more.ssh?.(ssh, data) ?? ssh,
      sessionPath: `~/${folderOf(port)}`,
      binDir: programs,
      ...more.cluster,
    };
    return {
      ...plain,
      clusters: [changed, ...others],
      limits: [{ who: "everyone", sessions: 40, gpus: 4 }],
      ...(isShort ? { waits: shortWaits } : {}),
    };
  };
  const databaseUrl = (url: string) => {
    databaseAt.port = Number(new URL(url).port);
    return url.replace(/:\d+\//, `:${database.port}/`);
  };
  const environment = { PORTAL_TEMPLATES: placeTemplates(home), ...more.environment };
  const proxies = [one, two, provider, database];
  const site = await startSite({ port, settings, environment, databaseUrl, idpListens }).catch(async (error) => {
    await Promise.all(proxies.map((proxy) => proxy.close()));
    throw error;
  });
  Object.assign(process.env, { BERTH_URL: site.url, BERTH_DATA: site.data });
  sweep(port);
  const apis = new Map<Person, Api>();
  for (const who of people) apis.set(who, apiOf(who, site, await tokenBySignIn(who, site.url)));
  const api = (who: Person): Api => {
    const found = apis.get(who);
    if (!found) throw new Error(`${who} is nobody here.`);
    return found;
  };
  const heal = async () => {
    for (const proxy of proxies) await proxy.heal();
  };
  const end = async () => {
    await heal();
    await site.stop();
    sweep(port);
    await Promise.all(proxies.map((proxy) => proxy.close()));
  };
  const audited = {
    databaseUrl: site.databaseUrl,
    sessionFolder: folderOf(port),
    sshPort: targets[0]?.port ?? 0,
    people: [...apis.values()],
  };
  const cluster = clusterAt(site.clusterDir);
  return { site, logins: [one, two], provider, database, cluster, programs, api, audited, heal, end };
}

/** A site of this file's own, from before its first test until after its last. */
export function useGround(more: More = {}): () => Ground {
  let ground: Awaited<ReturnType<typeof begin>> | null = null;
  beforeAll(async () => {
    ground = await begin(more);
  });
  afterAll(() => ground?.end());
  return () => {
    if (!ground) throw new Error("The site is not there yet.");
    return ground;
  };
}
