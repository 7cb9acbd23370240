// How often the scheduler is asked, counted by the scheduler itself (sdiag, by user): with one to five hundred people
// looking, and with one to fifty sessions of several people waiting. Root's and Slurm's own questions are not ours and left out.
import { execFileSync } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import type { Context } from "./context";
import { signedInCrowd, type Viewer } from "./crowd-people";
import { atMost, type Verdict } from "./report";
import {
  type BenchSite,
  create,
  type Person,
  partitionThatWaits,
  person,
  small,
  stopSessions,
  untilReady,
} from "./site";
import { startViewers } from "./viewers";

/** Facts are refreshed each two minutes: a shorter look sees that or not. */
const minutes = 2;

/** Whose sessions wait: a question for each person would show as well as one for each session. */
const waitingPeople = ["alice", "bob", "carol", "dora", "tess", "paul"];

function sdiag({ clusterDir }: BenchSite, ...args: string[]): string {
  const env = { ...process.env, SLURM_CONF: `${clusterDir}/etc/slurm.conf` };
  return execFileSync("/usr/bin/sdiag", args, { encoding: "utf8", env });
}

/** Questions by user since the last reset. */
function counted(site: BenchSite): Record<string, number> {
  const table = sdiag(site).split("Remote Procedure Call statistics by user")[1]?.split("Pending RPC")[0] ?? "";
  const rows = [...table.matchAll(/^\s*(\S+)\s*\(\s*\d+\)\s*count:(\d+)/gm)];
  const theirs = rows.filter(([, user]) => user !== "root" && user !== "slurm");
  return Object.fromEntries(theirs.map(([, user = "", count]) => [user, Number(count)]));
}

async function perMinute(site: BenchSite): Promise<number> {
  sdiag(site, "--reset");
  await pause(minutes * 60_000);
  return Object.values(counted(site)).reduce((sum, count) => sum + count, 0) / minutes;
}

async function withViewers(site: BenchSite, crowd: Viewer[]): Promise<number> {
  const viewers = await startViewers(site, crowd);
  // What a first look costs once (a minute's memory of who may what) is not what a viewer costs.
  await pause(5_000);
  const count = await perMinute(site);
  await viewers.stop();
  return count;
}

type Waiting = { owners: Person[]; partition: string; from: number; to: number };

/** The owners take turns with the sessions from number `from` to before `to`. */
async function withWaiting(site: BenchSite, { owners, partition, from, to }: Waiting): Promise<number> {
  for (let made = from; made < to; made += 1) {
    const owner = owners[made % owners.length];
    if (owner) await create(owner, small("bench-web", { partition, memoryGiB: 0.2 }));
  }
  await pause(5_000);
  return perMinute(site);
}

const told = (counts: Map<number, number>, what: string): string =>
  [...counts].map(([count, rpcs]) => `${rpcs} a minute with ${count} ${what}`).join(", ");

const growth = (counts: Map<number, number>): number => Math.max(...counts.values()) / ([...counts.values()][0] ?? 1);

export async function rpcs({ site }: Context): Promise<Verdict[]> {
  const alice = await person(site, "alice");
  const { id } = await create(alice, small("bench-web"));
  await untilReady(alice, id);
  const crowd = await signedInCrowd(site, 500);
  const viewing = new Map<number, number>();
  for (const count of [1, 10, 100, 500]) viewing.set(count, await withViewers(site, crowd.slice(0, count)));
  await stopSessions(alice);
  const { partition, open } = partitionThatWaits(site);
  const owners = await Promise.all(waitingPeople.map((who) => person(site, who)));
  const waiting = new Map<number, number>();
  for (const count of [1, 10, 50]) {
    const from = [...waiting.keys()].at(-1) ?? 0;
    waiting.set(count, await withWaiting(site, { owners, partition, from, to: count }));
  }
  for (const owner of owners) await stopSessions(owner);
  open();
  return [
    atMost(1.1, {
      what: "scheduler RPCs, 500 viewers",
      against: "1 viewer",
      value: growth(viewing),
      figures: told(viewing, "viewers"),
    }),
    atMost(1.1, {
      what: `scheduler RPCs, 50 waiting sessions of ${owners.length} people`,
      against: "1 waiting session",
      value: growth(waiting),
      figures: told(waiting, "waiting"),
    }),
    atMost(6, {
      what: "scheduler RPCs, one ready session",
      against: "",
      unit: " a minute",
      value: Math.max(...viewing.values()),
      figures: told(viewing, "viewers"),
    }),
    atMost(60, {
      what: "scheduler RPCs, sessions waiting",
      against: "",
      unit: " a minute",
      value: Math.max(...waiting.values()),
      figures: told(waiting, "waiting"),
    }),
  ];
}
