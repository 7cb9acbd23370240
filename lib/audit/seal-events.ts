// Adds links to the chain over events, in one process at a time and not inside the transactions that record them: a chain
// written there would make each wait for all others. An event is in the chain within about ten seconds.
import { setTimeout as sleep } from "node:timers/promises";
import { chainStart, keyId, linkHash, signLink } from "@/lib/audit/chain";
import { eventsBetween, insertSeal, lastSeal, newestEventId, transactionHorizon } from "@/lib/audit/store";
import { db, elect, transaction } from "@/lib/db";
import { log } from "@/lib/log";

const restMs = 2_000;
const mostPerLink = 2_000;

/**
 * Ids are not given in the order of commits: an event with a lower id may appear later. So an id is noted first, then a
 * transaction id that nobody had yet, and only when all before that have ended is everything up to the noted id final.
 */
export type Noted = { upTo: bigint; next: bigint | null } | null;

async function addLink(upTo: bigint): Promise<{ number: number; events: number; hash: string } | null> {
  return transaction(async (tx) => {
    const former = await lastSeal(tx);
    const events = await eventsBetween(tx, [former?.lastId ?? 0n, upTo], mostPerLink);
    const last = events.at(-1);
    if (!last) return null;
    const number = (former?.number ?? 0) + 1;
    const hash = linkHash(former?.hash ?? chainStart, events);
    const signature = signLink(number, last.id, hash);
    await insertSeal(tx, { number, lastId: last.id, events: events.length, hash, keyId: keyId(), signature });
    return { number, events: events.length, hash };
  });
}

async function addLinks(upTo: bigint): Promise<void> {
  for (let link = await addLink(upTo); link; link = await addLink(upTo)) {
    // Wherever the log is kept, it holds the chain to what it was: `npm run audit -- --expect <link>:<hash>`.
    log().info({ link: link.number, events: link.events, hash: link.hash }, "audit.sealed");
  }
}

/** One look: notes what is new, or seals what was noted and is final now. Answers what to look at next time. */
export async function sealStep(noted: Noted): Promise<Noted> {
  if (!noted) {
    const upTo = await newestEventId(db());
    return upTo > ((await lastSeal(db()))?.lastId ?? 0n) ? { upTo, next: null } : null;
  }
  const { settled, next } = await transactionHorizon(db());
  if (noted.next === null) return { ...noted, next };
  if (settled < noted.next) return noted;
  await addLinks(noted.upTo);
  return null;
}

async function keepSealing(signal: AbortSignal): Promise<void> {
  let noted: Noted = null;
  while (!signal.aborted) {
    noted = await sealStep(noted);
    // Being stopped ends the sleep, which is what the signal is for.
    await sleep(restMs, undefined, { signal }).catch(() => {});
  }
}

/** Starts sealing in whichever process is elected. The answer stops it here. */
export function startSealing(): () => Promise<void> {
  const controller = new AbortController();
  const sealing = elect("audit", controller.signal, keepSealing);
  return async () => {
    controller.abort();
    await sealing;
  };
}
