// Goes over the whole chain of audited events and says where it does not hold.
import { chainStart, isLinkSigned, keyId, linkHash } from "@/lib/audit/chain";
import type { AuditReport } from "@/lib/audit/schema";
import { countEventsAfter, type EventRow, eventsBetween, type SealRow, sealsAfter } from "@/lib/audit/store";
import { db } from "@/lib/db";

const linksAtOnce = 500;
const eventsAtOnce = 5_000;
const lateMs = 10 * 60_000;
const mostProblems = 20;

type Chain = { number: number; lastId: bigint; hash: string };
/** A link that was noted elsewhere, and must still be what it was. */
export type Expected = { number: number; hash: string };

/** `links` in groups whose events are few enough for one question: a year has millions of links, most over few events. */
function* groupsOf(links: SealRow[]): Generator<SealRow[]> {
  let group: SealRow[] = [];
  let sum = 0;
  for (const link of links) {
    if (group.length > 0 && sum + link.events > eventsAtOnce) {
      yield group;
      [group, sum] = [[], 0];
    }
    group.push(link);
    sum += link.events;
  }
  if (group.length > 0) yield group;
}

/** The events of each link of `group`; null when they are not as many as the links say. */
async function eventsOf(group: SealRow[], after: bigint): Promise<EventRow[][] | null> {
  const sum = group.reduce((total, { events }) => total + events, 0);
  const last = group.at(-1);
  const all = last && sum <= eventsAtOnce ? await eventsBetween(db(), [after, last.lastId], sum + 1) : [];
  if (all.length !== sum) return null;
  return group.map(({ events }) => all.splice(0, events));
}

/** `known`: the events that it should be made over, where they are read already. */
async function problemOf(link: SealRow, former: Chain, known?: EventRow[]): Promise<string | null> {
  const between = `link ${link.number} (events ${former.lastId + 1n} to ${link.lastId})`;
  if (link.number !== former.number + 1) return `Links ${former.number + 1} to ${link.number - 1} are missing.`;
  const events = known ?? (await eventsBetween(db(), [former.lastId, link.lastId], link.events + 1));
  if (events.length !== link.events) {
    return `${between} was made over ${link.events} events; ${events.length > link.events ? "more" : events.length} are there.`;
  }
  if (linkHash(former.hash, events) !== link.hash) return `${between} does not match: an event in it was changed.`;
  if (link.keyId === keyId() && !isLinkSigned(link)) return `${between} was not signed by this portal.`;
  return null;
}

async function unsealedProblem(lastId: bigint, now: number): Promise<{ count: number; problem: string | null }> {
  const { count, oldestAt } = await countEventsAfter(db(), lastId);
  const isLate = oldestAt !== null && now - oldestAt.getTime() > lateMs;
  const problem = isLate ? `Events since ${oldestAt.toISOString()} are not in the chain: no portal seals them.` : null;
  return { count, problem };
}

/** Problems of `group`, in order. What is wrong is looked at link by link, for the exact words. */
async function problemsOf(group: SealRow[], former: Chain): Promise<(string | null)[]> {
  const events = await eventsOf(group, former.lastId);
  const found: (string | null)[] = [];
  for (const [at, link] of group.entries()) {
    const before = group[at - 1] ?? former;
    const quick = events && (await problemOf(link, before, events[at]));
    found.push(events && !quick ? null : await problemOf(link, before));
  }
  return found;
}

/** Verifies every link, and that `expected` (noted earlier, elsewhere) is among them. */
export async function verifyEvents(expected?: Expected): Promise<AuditReport> {
  const report: AuditReport = { links: 0, events: 0, unsealed: 0, head: null, formerSecret: 0, problems: [] };
  const tell = (problem: string | null) => {
    if (problem && report.problems.length < mostProblems) report.problems.push(problem);
  };
  let former: Chain = { number: 0, lastId: 0n, hash: chainStart };
  let isExpectedThere = !expected;
  for (let links = await sealsAfter(db(), 0, linksAtOnce); links.length > 0; ) {
    for (const group of groupsOf(links)) {
      for (const problem of await problemsOf(group, former)) tell(problem);
      former = group.at(-1) ?? former;
    }
    for (const link of links) {
      if (link.keyId !== keyId()) report.formerSecret += 1;
      isExpectedThere ||= link.number === expected?.number && link.hash === expected.hash;
      report.links += 1;
      report.events += link.events;
    }
    links = await sealsAfter(db(), former.number, linksAtOnce);
  }
  if (!isExpectedThere) tell(`Link ${expected?.number} with that hash is not in the chain: it was cut or made anew.`);
  const { count, problem } = await unsealedProblem(former.lastId, Date.now());
  tell(problem);
  const head = former.number > 0 ? { number: former.number, hash: former.hash } : null;
  return { ...report, unsealed: count, head };
}
