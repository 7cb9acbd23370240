// What the portal's process holds: at the start, for each signed-in person with a page open, and for each session with an open
// app. Resident size, as an operator sees it, after it has come to rest.
import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import type { Context } from "./context";
import { signedInCrowd } from "./crowd-people";
import { httpLoad } from "./http-load";
import { spreadOf } from "./measure";
import { atMost, told, type Verdict } from "./report";
import { type BenchSite, create, openApp, person, small, stopSessions, untilReady } from "./site";
import { startViewers } from "./viewers";

const people = 500;
const sessions = 8;
const published = 150;

const residentMB = ({ pid }: BenchSite): number =>
  (Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid()}/status`, "utf8"))?.[1]) * 1024) / 1e6;

/** The lowest of some looks: what garbage is still there is not held. */
async function atRest(site: BenchSite): Promise<number> {
  const looks: number[] = [];
  for (let look = 0; look < 10; look += 1) {
    await pause(1000);
    looks.push(residentMB(site));
  }
  return Math.min(...looks);
}

async function oneRound(site: BenchSite): Promise<{ base: number; perPerson: number; perSession: number }> {
  await site.endPortal("SIGTERM");
  await site.startPortal();
  const base = await atRest(site);
  const crowd = await signedInCrowd(site, people);
  // The first few pay for what everybody shares: code that is loaded at the first request, connections to the database.
  const first = await startViewers(site, crowd.slice(0, 20));
  await pause(31_000);
  const shared = await atRest(site);
  const rest = await startViewers(site, crowd.slice(20));
  await pause(31_000);
  const all = await atRest(site);
  await first.stop();
  await rest.stop();
  return { base, perPerson: (all - shared) / (people - 20), perSession: await perSession(site) };
}

async function perSession(site: BenchSite): Promise<number> {
  const alice = await person(site, "alice");
  const before = await atRest(site);
  for (let made = 0; made < sessions; made += 1) {
    const { id } = await create(alice, small("bench-web"));
    await untilReady(alice, id);
    const { host, cookie } = await openApp(site, alice, id);
    await httpLoad({
      port: site.port,
      path: "/1k",
      connections: 4,
      seconds: 1,
      headers: { Host: host, Cookie: cookie },
    });
  }
  const after = await atRest(site);
  await stopSessions(alice);
  return (after - before) / sessions;
}

export async function memory({ site, rounds }: Context): Promise<Verdict[]> {
  const found: Awaited<ReturnType<typeof oneRound>>[] = [];
  while (found.length < rounds) found.push(await oneRound(site));
  const of = (name: "base" | "perPerson" | "perSession") => spreadOf(found.map((round) => round[name]));
  const base = told(of("base"), " MB");
  return [
    atMost(0.5, {
      what: "memory of a signed-in person with a page open",
      against: `Open OnDemand's published ${published} MB`,
      unit: " MB",
      value: of("perPerson").median,
      figures: `${told(of("perPerson"), " MB")} for each of ${people}; the process begins with ${base}`,
    }),
    atMost(published, {
      what: "memory of a session whose app was opened",
      against: `Open OnDemand's published ${published} MB a user`,
      unit: " MB",
      value: of("perSession").median,
      figures: `${told(of("perSession"), " MB")} for each of ${sessions}`,
    }),
  ];
}
