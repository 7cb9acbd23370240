// Goes over the whole chain of audited events and says where it does not hold.
import { chainStart, isLinkSigned, keyId, linkHash } from "@/lib/audit/chain";
import type { AuditReport } from "@/lib/audit/schema";
import { countEventsAfter, eventsBetween, type SealRow, sealsAfter } from "@/lib/audit/store";
import { db } from "@/lib/db";

const linksAtOnce = 500;
const lateMs = 10 * 60_000;
const mostProblems = 20;

type Chain = { number: number; lastId: bigint; hash: string };
/** A link that was noted elsewhere, and must still be what it was. */
export type Expected = { number: number; hash: string };

async function problemOf(link: SealRow, former: Chain): Promise<string | null> {
  const between = `link ${link.number} (events ${former.lastId + 1n} to ${link.lastId})`;
  if (link.number !== former.number + 1) return `Links ${former.number + 1} to ${link.number - 1} are missing.`;
  const events = await eventsBetween(db(), [former.lastId, link.lastId], link.events + 1);
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

/** Verifies every link, and that `expected` (noted earlier, elsewhere) is among them. */
export async function verifyEvents(expected?: Expected): Promise<AuditReport> {
  const report: AuditReport = { links: 0, events: 0, unsealed: 0, head: null, formerSecret: 0, problems: [] };
  const tell = (problem: string | null) => {
    if (problem && report.problems.length < mostProblems) report.problems.push(problem);
  };
  let former: Chain = { number: 0, lastId: 0n, hash: chainStart };
  let isExpectedThere = !expected;
  for (let links = await sealsAfter(db(), 0, linksAtOnce); links.length > 0; ) {
    for (const link of links) {
      tell(await problemOf(link, former));
      if (link.keyId !== keyId()) report.formerSecret += 1;
      isExpectedThere ||= link.number === expected?.number && link.hash === expected.hash;
      report.links += 1;
      report.events += link.events;
      former = link;
    }
    links = await sealsAfter(db(), former.number, linksAtOnce);
  }
  if (!isExpectedThere) tell(`Link ${expected?.number} with that hash is not in the chain: it was cut or made anew.`);
  const { count, problem } = await unsealedProblem(former.lastId, Date.now());
  tell(problem);
  const head = former.number > 0 ? { number: former.number, hash: former.hash } : null;
  return { ...report, unsealed: count, head };
}
