// The portal under test: dev/test/site.ts with the bench's own templates beside the usual ones, room for many sessions, and
// what a benchmark does with it as a person: ask the API, start a session, open its app, sign in five hundred people.
import "@/dev/test/localhost-names";
import { execFileSync } from "node:child_process";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { type Site, startSite } from "@/dev/test/site";
import { TestBrowser } from "@/dev/test-browser";
import { askOperator } from "@/lib/operator/ask-operator";
import { operatorToken } from "@/lib/operator/schema";
import { api } from "@/lib/paths";
import type { ResourceRequest, SessionView } from "@/lib/sessions/schema";

export type BenchSite = Site & { home: string; releaseDir: string; loginNode: { host: string; port: number } };

const clusterFile = z.object({ logins: z.array(z.object({ host: z.string(), port: z.number() })).min(1) });
const portalYaml = z.looseObject({ clusters: z.array(z.looseObject({ ssh: z.looseObject({}) })).min(1) });

/** Jobs that an interrupted run left: its database is gone, so nobody else will end them. */
function endOldJobs(slurmConf: string): void {
  const environment = { ...process.env, SLURM_CONF: slurmConf };
  execFileSync("sh", ["-c", "squeue -h -o %i | xargs -r scancel"], { env: environment });
}

/** Starts the portal on `port`. The cluster is `cluster/up`'s, and stays up. */
export async function startBenchSite(port: number): Promise<BenchSite> {
  const home = `/var/lib/berth-${port}`;
  const templates = `${home}/bench-templates`;
  const limits = [{ who: "everyone", sessions: 100, gpus: 4 }];
  const site = await startSite({
    port,
    // Several of the cluster's people.
    people: "e2e/attacks/people.json",
    settings: (settings) => {
      // Only now the account that reads them exists, and its directory.
      rmSync(templates, { recursive: true, force: true });
      for (const from of ["templates", "bench/templates"]) cpSync(from, templates, { recursive: true });
      execFileSync("chmod", ["-R", "a+rX", templates]);
      return { ...settings, limits, terminals: { perPerson: 100 } };
    },
    environment: { PORTAL_TEMPLATES: templates, LOG_LEVEL: "warn" },
  });
  const { logins } = clusterFile.parse(JSON.parse(readFileSync(join(site.clusterDir, "cluster.json"), "utf8")));
  const [loginNode] = logins;
  endOldJobs(`${site.clusterDir}/etc/slurm.conf`);
  if (!loginNode) throw new Error("The cluster has no login node.");
  return Object.assign(site, { home, releaseDir: `${home}/release`, loginNode });
}

/** Restarts the portal so that it reaches apps through the login node, or straight. */
export async function reachApps(site: BenchSite, apps: "tunnel" | "direct"): Promise<void> {
  const settings = portalYaml.parse(parse(readFileSync(site.configFile, "utf8")));
  for (const { ssh } of settings.clusters) ssh.apps = apps;
  writeFileSync(site.configFile, stringify(settings));
  await site.endPortal("SIGTERM");
  await site.startPortal();
}

/** A partition whose jobs wait: its nodes are reserved for root, which the portal's rules cannot know. Undone by the answer. */
export function partitionThatWaits({ clusterDir }: BenchSite): { partition: string; open: () => void } {
  const env = { ...process.env, SLURM_CONF: `${clusterDir}/etc/slurm.conf` };
  const scontrol = (...args: string[]) => execFileSync("scontrol", args, { encoding: "utf8", env });
  const nodes = / Nodes=(\S+)/.exec(scontrol("-o", "show", "partition", "gpu"))?.[1] ?? "";
  const open = () => void scontrol("delete", "ReservationName=bench");
  if (scontrol("-o", "show", "reservation").includes("ReservationName=bench ")) open();
  const forRoot = ["StartTime=now", "Duration=UNLIMITED", "Users=root", "Flags=IGNORE_JOBS", `Nodes=${nodes}`];
  scontrol("create", "reservation", "ReservationName=bench", ...forRoot);
  return { partition: "gpu", open };
}

export type Person = { who: string; ask: <T>(path: string, asked?: Asked) => Promise<T>; token: string };
/** `patient`: when there were too many requests, waits as long as the portal says, and asks again. */
type Asked = { method?: "GET" | "POST"; body?: unknown; headers?: Record<string, string>; patient?: boolean };

/** A person with a token, after a sign-in through the identity provider. */
export async function person(site: BenchSite, who: string): Promise<Person> {
  await new TestBrowser(site.url).signIn(who);
  const made = await askOperator(site.data, { command: "token", who }, operatorToken);
  if (!made) throw new Error("The portal has no operator socket.");
  const ask = async <T>(path: string, asked: Asked = {}): Promise<T> => {
    const { method = "GET", body, headers, patient } = asked;
    const all = { authorization: `Bearer ${made.secret}`, "content-type": "application/json", ...headers };
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const answer = await fetch(site.url + path, { method, headers: all, ...sent });
    const text = await answer.text();
    if (answer.status === 429 && patient) {
      await pause(1000 * Number(answer.headers.get("retry-after")));
      return ask<T>(path, asked);
    }
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`);
    // Each caller knows from lib/endpoints.ts what the endpoint answers.
    return JSON.parse(text) as T;
  };
  return { who, ask, token: made.secret };
}

/** The smallest request of a template. */
export const small = (template: string, more: Partial<ResourceRequest> = {}): ResourceRequest => ({
  template,
  cluster: "hpc",
  cpus: 1,
  memoryGiB: 1,
  minutes: 60,
  ...more,
});

export function create({ ask }: Person, request: ResourceRequest): Promise<SessionView> {
  const headers = { "idempotency-key": crypto.randomUUID() };
  return ask<SessionView>(api.sessions(), { method: "POST", body: request, headers });
}

export async function untilReady({ ask }: Person, id: string, everyMs = 300): Promise<SessionView> {
  for (let tries = 0; tries < 120_000 / everyMs; tries += 1) {
    const session = await ask<SessionView>(api.session(id));
    if (session.state === "ready") return session;
    if (session.state === "ended") throw new Error(`Session ${id} ended: ${session.endDetail}`);
    await pause(everyMs);
  }
  throw new Error(`Session ${id} is not ready after two minutes.`);
}

/** Stops sessions and waits until their jobs are gone. */
export async function stopSessions({ ask }: Person): Promise<void> {
  const live = async () => (await ask<{ items: SessionView[] }>(`${api.sessions()}?state=live&limit=200`)).items;
  for (const { id } of await live()) await ask(api.stop(id), { method: "POST" });
  for (let tries = 0; tries < 200 && (await live()).length > 0; tries += 1) await pause(500);
}

export type OpenApp = {
  id: string;
  /** Host header of the app's origin. */
  host: string;
  cookie: string;
  /** Where the job listens. */
  target: { host: string; port: number };
};

/** Opens a ready session's app as its owner's browser does: ticket, entrance, cookie. */
export async function openApp(site: BenchSite, { ask }: Person, id: string): Promise<OpenApp> {
  const { url } = await ask<{ url: string }>(api.ticket(id), { method: "POST" });
  const entered = await fetch(url, { redirect: "manual" });
  const cookie = entered.headers.getSetCookie().map((line) => line.split(";", 1)[0])[0];
  if (!cookie) throw new Error(`${url} answered ${entered.status} and set no cookie.`);
  const { rows } = await inDatabase<{ nodeAddress: string; port: number }>(
    site,
    `select "nodeAddress", port from "Session" where id = $1`,
    [id],
  );
  const [row] = rows;
  if (!row) throw new Error(`There is no session ${id}.`);
  return { id, host: new URL(url).host, cookie, target: { host: row.nodeAddress, port: row.port } };
}

export async function inDatabase<Row extends object>(site: BenchSite, sql: string, values: unknown[] = []) {
  const { default: pg } = await import("pg");
  const client = new pg.Client({ connectionString: site.databaseUrl });
  await client.connect();
  return client.query<Row & Record<string, unknown>>(sql, values).finally(() => client.end());
}
