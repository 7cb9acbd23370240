// The chain over audited events: each link's hash covers the former link's and every event since, so that changing,
// removing or slipping in one breaks all that follow. The hash is signed too: who owns the database cannot make a new chain.
import { createHash } from "node:crypto";
import type { EventRow } from "@/lib/audit/store";
import { deriveKey, isSigned, sign } from "@/lib/seal";

const purpose = "audit chain";

/** The former hash of the first link. */
export const chainStart = "0".repeat(64);

/** JSON whose members are in order of their names, whatever order the database gives them. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_name, inner: unknown) => {
    const isObject = typeof inner === "object" && inner !== null && !Array.isArray(inner);
    return isObject ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner;
  });
}

function lineOf(event: EventRow): string {
  const { id, at, actorKind, actorId, action, subjectKind, subjectId, ownerId, data } = event;
  return canonical([String(id), at.toISOString(), actorKind, actorId, action, subjectKind, subjectId, ownerId, data]);
}

/** The hash of a link over `events`, which are in order of their ids. */
export function linkHash(former: string, events: Iterable<EventRow>): string {
  const sum = createHash("sha256").update(former);
  for (const event of events) sum.update(`\n${lineOf(event)}`);
  return sum.digest("hex");
}

/** Names today's key without telling anything about it. */
export function keyId(): string {
  return createHash("sha256").update(deriveKey(purpose)).digest("hex").slice(0, 16);
}

const signed = (number: number, lastId: bigint, hash: string): string => `${number} ${lastId} ${hash}`;

export const signLink = (number: number, lastId: bigint, hash: string): string =>
  sign(signed(number, lastId, hash), purpose);

/** True when the link was signed with today's secret. */
export function isLinkSigned(link: { number: number; lastId: bigint; hash: string; signature: string }): boolean {
  return isSigned(signed(link.number, link.lastId, link.hash), link.signature, purpose);
}
