// Runs the attack suite against sites that it starts and ends, and says of each case what became of its rows.
import { randomBytes } from "node:crypto";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { plantedSecrets } from "@/e2e/attacks/planted";
import { missingCases, printTable, type Row, rowsOf } from "./attack-table";
import { onInterrupt } from "./interrupt";
import { pointRelay, startRelay } from "./login-relay";
import { cancelJobs } from "./portals";
import { type Site, type SiteFacts, type SiteOptions, startSite } from "./site";
import { type Count, sayLine, vitest } from "./suites";
import { tokenBySignIn } from "./token-by-sign-in";

const attackPeople = ["alice", "bob", "carol", "admin", "olga", "dora", "tess", "paul"];

/** What an attack finds in BERTH_SITE. */
export type AttackedSite = SiteFacts & {
  /** The portal's own process id. */
  pid: number;
};

/** By person, for BERTH_TOKENS: made once, because every file of attacks has a process of its own. In no file: that is looked for. */
type Tokens = Record<string, string>;

async function tokensOf(people: string[], { url }: Site): Promise<Tokens> {
  const tokens: Tokens = {};
  for (const who of people) tokens[who] = await tokenBySignIn(who, url);
  return tokens;
}

function writeFacts(directory: string, site: Site): string {
  const {
    postgres: _,
    pid,
    startPortal: _s,
    endPortal: _e,
    startProvider: _p,
    stopProvider: _q,
    stop: _t,
    ...facts
  } = site;
  const file = join(directory, "site.json");
  const all: AttackedSite = { ...facts, pid: pid() };
  writeFileSync(file, JSON.stringify(all), { mode: 0o600 });
  return file;
}

/** The product's templates and those of the attacks, where the portal's account can read them. */
function templatesWithHostile(): string {
  const directory = mkdtempSync(join(tmpdir(), "berth-templates-"));
  for (const from of ["templates", "e2e/attacks/templates"]) cpSync(from, directory, { recursive: true });
  chmodSync(directory, 0o755);
  return directory;
}

type Clusters = { clusters: [{ ssh: { hosts: [{ host: string; port: number }] } }] };

/** A site whose login node can be swapped for another while it runs; `directory` keeps what attacks must know. */
export async function startAttackSite(options: SiteOptions, directory: string) {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const relayFile = join(directory, "login-node");
  const relay = await startRelay(relayFile);
  const templates = templatesWithHostile();
  const settings: SiteOptions["settings"] = (plain) => {
    // dev/test/site.ts wrote these: one cluster behind SSH.
    const [cluster] = (plain as Clusters).clusters;
    pointRelay(relayFile, cluster.ssh.hosts[0]);
    const hosts = [{ host: relay.host, port: relay.port }];
    const waits = { quietPollSeconds: 4, factsSeconds: 10 };
    return { ...plain, waits, clusters: [{ ...cluster, ssh: { ...cluster.ssh, hosts } }] };
  };
  const environment = { ...plantedSecrets(), PORTAL_TEMPLATES: templates };
  const hostile: Partial<SiteOptions> = { people: "e2e/attacks/people.json", preload: ["./dev/log-carelessly.mjs"] };
  const site = await startSite({ ...hostile, ...options, environment, settings }).catch((error) => {
    relay.close();
    throw error;
  });
  const tokens = await tokensOf(attackPeople, site);
  const stop = async () => {
    // The cluster stays; jobs of a portal that is gone would run on, unknown to anybody.
    await cancelJobs(site.port, attackPeople);
    await site.stop();
    relay.close();
    rmSync(templates, { recursive: true });
  };
  return { site, tokens, facts: writeFacts(directory, site), stop };
}

type Outcome = Count & { rows: Row[] };

const add = (one: Outcome, other: Outcome): Outcome => ({
  passed: one.passed + other.passed,
  failed: one.failed + other.failed,
  rows: [...one.rows, ...other.rows],
});

async function attackOne(options: SiteOptions, project: string): Promise<Outcome> {
  const directory = mkdtempSync(join(tmpdir(), "berth-site-"));
  const { site, tokens, facts, stop } = await startAttackSite(options, directory);
  const forget = onInterrupt(stop);
  const asked = { BERTH_SITE: facts, BERTH_URL: site.url, BERTH_DATA: site.data };
  const canaries = { BERTH_CANARY_SEED: randomBytes(16).toString("hex") };
  const environment = { ...asked, ...canaries, BERTH_TOKENS: JSON.stringify(tokens) };
  const run = async (name: string) => ({ ...(await vitest(name, environment)), rows: rowsOf(name, site.url) });
  try {
    // What looks for leaked secrets comes when everything else has had its chance to leak one.
    return add(await run(project), await run("attacks-last"));
  } finally {
    forget();
    await stop();
    rmSync(directory, { recursive: true });
  }
}

/** Every attack against a same-site portal, then those that depend on the site once more on plain localhost. */
export async function attack(port: number, { isQuick }: { isQuick: boolean }): Promise<Count> {
  const sameSite = await attackOne({ port }, isQuick ? "attacks-quick" : "attacks");
  const all = isQuick ? sameSite : add(sameSite, await attackOne({ port, domain: "localhost" }, "attacks-elsewhere"));
  printTable(all.rows);
  const missing = isQuick ? [] : missingCases(all.rows);
  for (const id of missing) sayLine(`${id} has no row: every case of the list needs one.`);
  return { passed: all.passed, failed: all.failed + missing.length };
}
