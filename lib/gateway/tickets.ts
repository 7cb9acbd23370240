// One-time tickets: 256 random bits of which only the SHA-256 is stored, bound to person, login and session.
import { createHash, randomBytes } from "node:crypto";
import { db, type Tx } from "@/lib/db";
import type { Holder } from "@/lib/gateway/app-cookie";
import { insertTicket, useTicket } from "@/lib/gateway/store";

export type UsedTicket = Holder & { sessionId: string };

const hashOf = (ticket: string): string => createHash("sha256").update(ticket).digest("hex");

/** A new ticket for a session; the caller has checked that it is the holder's own. */
export async function newTicket(tx: Tx, bound: UsedTicket, expiresAt: Date): Promise<string> {
  const ticket = randomBytes(32).toString("base64url");
  const { sessionId, userId, kind, via } = bound;
  await insertTicket(tx, { hash: hashOf(ticket), sessionId, userId, loginId: `${kind}:${via}`, expiresAt });
  return ticket;
}

/** What a ticket was bound to; null when it is unknown, used or expired. It is used up by this. */
export async function redeemTicket(ticket: string): Promise<UsedTicket | null> {
  const row = await useTicket(db(), hashOf(ticket), new Date());
  const [kind, ...via] = row?.loginId?.split(":") ?? [];
  if (!row || (kind !== "user" && kind !== "token")) return null;
  return { sessionId: row.sessionId, userId: row.userId, kind, via: via.join(":") };
}
