// Compares four accounts of the same sessions: jobs in Slurm, rows in the database, directories on disk, and the quota that
// people are shown. After every fault they must agree: nothing lost, nothing doubled, nothing leaked. Of terminals that have
// ended nothing may be left on the login nodes.
import { existsSync, readdirSync } from "node:fs";
import pg from "pg";
import type { Api } from "@/e2e/api";
import { commandsBySession, onTerminals } from "@/e2e/machine";
import type { Answer } from "@/lib/endpoints";
import { api as paths } from "@/lib/paths";
import { type ClusterJob, jobsInSlurm } from "./slurm";
import { until } from "./until";

export type Findings = { lost: string[]; doubled: string[]; leaked: string[] };
export const nothing = (): Findings => ({ lost: [], doubled: [], leaked: [] });
export const isNothing = ({ lost, doubled, leaked }: Findings): boolean =>
  lost.length + doubled.length + leaked.length === 0;

type Row = {
  id: string;
  account: string;
  state: string;
  endReason: string | null;
  jobId: string | null;
  directory: string;
  scratch: string | null;
  sealed: boolean;
  cleaned: boolean;
  records: number;
};

const rowsQuery = `select s.id, s."unixAccount" as account, s.state, s."endReason", s."jobId", s.directory, s.scratch,
    s."secretSealed" is not null as sealed, s."cleanedAt" is not null as cleaned,
    (select count(*)::int from "UsageRecord" r where r."sessionId" = s.id) as records
  from "Session" s`;

/** What the audited site is, where its cluster's sshd listens, and the people whose sessions are looked at. */
export type Audited = { databaseUrl: string; sessionFolder: string; sshPort: number; people: Api[] };

/** Asks the database, past the portal and past any fault. */
export async function query<T extends pg.QueryResultRow>(
  url: string,
  sql: string,
  values: unknown[] = [],
): Promise<T[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return (await client.query<T>(sql, values).finally(() => client.end())).rows;
}

function auditJobs(row: Row, jobs: ClusterJob[], found: Findings): void {
  const own = jobs.filter((job) => job.sessionId === row.id);
  const alive = own.filter((job) => job.isLive);
  if (own.length > 1)
    found.doubled.push(`${row.id} has jobs ${own.map(({ id, state }) => `${id} ${state}`).join(", ")}`);
  if (row.state !== "ended" && alive.length === 0) found.lost.push(`${row.id} is ${row.state} without a job`);
  if (row.state !== "ended" && alive[0] && row.jobId !== alive[0].id)
    found.lost.push(`${row.id} does not know its job ${alive[0].id}`);
  if (row.endReason === "lost") found.lost.push(`${row.id} was given up`);
  if (row.state === "ended" && alive.length > 0)
    found.leaked.push(`${row.id} has ended, its job ${alive[0]?.id} has not`);
}

/** Where sessions' directories are, and what runs for them on this machine. */
type Remains = { folder: string; runs: Map<string, string[]> };

/** What an ended session may leave: its directory with the log, one usage record. */
function auditRemains(row: Row, { folder, runs }: Remains, found: Findings): void {
  const directory = `/home/${row.account}/${folder}/${row.id}`;
  if (row.state !== "ended") {
    if (!existsSync(directory)) found.lost.push(`${row.id} has no directory`);
    return;
  }
  const left = ["secret", "connection", "app.sock"].filter((name) => existsSync(`${directory}/${name}`));
  if (left.length > 0) found.leaked.push(`${row.id} left ${left.join(", ")}`);
  if (row.scratch && existsSync(row.scratch)) found.leaked.push(`${row.id} left its scratch`);
  if (row.sealed) found.leaked.push(`${row.id} has ended and kept its secret`);
  if (!row.cleaned) found.leaked.push(`${row.id} has ended and is not cleaned up`);
  if (row.endReason === "rejected" && existsSync(directory))
    found.leaked.push(`${row.id} was refused and left a directory`);
  const commands = runs.get(row.id);
  if (commands) found.leaked.push(`${row.id} has ended and runs ${commands.join(", ")}`);
  if (row.records === 0) found.lost.push(`${row.id} has no record of what it used`);
  if (row.records > 1) found.doubled.push(`${row.id} has ${row.records} records of what it used`);
}

/** Directories and jobs that no row knows. */
function auditUnknown(rows: Row[], jobs: ClusterJob[], { sessionFolder, people }: Audited, found: Findings): void {
  const known = new Set(rows.map((row) => row.id));
  for (const { who } of people) {
    const place = `/home/${who}/${sessionFolder}`;
    for (const name of existsSync(place) ? readdirSync(place) : [])
      if (!known.has(name)) found.leaked.push(`nobody knows ${place}/${name}`);
  }
  for (const job of jobs)
    if (job.isLive && !known.has(job.sessionId)) found.leaked.push(`nobody knows job ${job.id} of ${job.sessionId}`);
}

async function auditQuota(rows: Row[], api: Api, found: Findings): Promise<void> {
  const alive = rows.filter((row) => row.account === api.who && row.state !== "ended").length;
  const { limits } = await api.must<Answer<"me">>(paths.me());
  const used = limits.find(({ name }) => name === "sessions")?.used ?? 0;
  if (used > alive) found.leaked.push(`${api.who} is charged for ${used} sessions and has ${alive}`);
  if (used < alive) found.lost.push(`${api.who} is charged for ${used} sessions and has ${alive}`);
}

/** Whoever has no terminal has no shell. Of one that has not ended it is not told which shell is its own. */
async function auditTerminals({ sshPort, people }: Audited, found: Findings): Promise<void> {
  for (const api of people) {
    const { items } = await api.must<Answer<"terminals">>(paths.terminals());
    if (items.every(({ state }) => state === "ended"))
      for (const command of onTerminals(api.who, sshPort))
        found.leaked.push(`${api.who}'s terminals have ended and left ${command}`);
  }
}

/** Looks once. */
export async function audit(audited: Audited): Promise<Findings> {
  const found = nothing();
  const rows = await query<Row>(audited.databaseUrl, rowsQuery);
  const jobs = jobsInSlurm();
  const remains = { folder: audited.sessionFolder, runs: commandsBySession() };
  for (const row of rows) {
    auditJobs(row, jobs, found);
    auditRemains(row, remains, found);
  }
  auditUnknown(rows, jobs, audited, found);
  for (const api of audited.people) await auditQuota(rows, api, found);
  await auditTerminals(audited, found);
  const twice = await query<{ ownerId: string }>(
    audited.databaseUrl,
    `select "ownerId" from "Session" group by "ownerId", "idempotencyKey" having count(*) > 1`,
  );
  if (twice.length > 0) found.doubled.push(`${twice.length} keys have more than one session`);
  return found;
}

/** Looks until all accounts agree, for at most `seconds`: states are brought in step, not at once. */
export async function auditWhenSettled(audited: Audited, seconds: number): Promise<Findings> {
  let found = nothing();
  const agree = async () => {
    found = await audit(audited).catch((error: unknown) => ({ ...nothing(), lost: [`no audit: ${error}`] }));
    return isNothing(found);
  };
  // What was found last says better what is wrong than that it was waited for in vain.
  await until("all accounts agree", seconds, agree).catch(() => {});
  return found;
}
