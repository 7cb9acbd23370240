// The one-time ticket that a viewer sends first on its socket: 256 random bits, of which the SHA-256 is kept.
import { createHash, randomBytes } from "node:crypto";
import type { PersonActor } from "@/lib/actor";
import { config } from "@/lib/config";
import { db, transaction } from "@/lib/db";
import { insertTicket, readTerminal, useTicket } from "@/lib/terminals/store";

const hashOf = (ticket: string): string => createHash("sha256").update(ticket).digest("hex");
const viaOf = ({ kind, via }: PersonActor): string => `${kind}:${via}`;

/** A ticket for the actor's own terminal; `not_found` for anybody else's. */
export async function issueTerminalTicket(actor: PersonActor, id: string) {
  const ticket = randomBytes(32).toString("base64url");
  const expiresAt = new Date(Date.now() + config().waits.ticketSeconds * 1000);
  await transaction(async (tx) => {
    await readTerminal(tx, actor.userId, id);
    await insertTicket(tx, {
      hash: hashOf(ticket),
      terminalId: id,
      userId: actor.userId,
      via: viaOf(actor),
      expiresAt,
    });
  });
  return { ticket, expiresAt: expiresAt.toISOString() };
}

/** True once for a ticket that was issued to this login for this terminal. It is used up by asking. */
export async function redeemTerminalTicket(actor: PersonActor, id: string, ticket: string): Promise<boolean> {
  const row = await useTicket(db(), hashOf(ticket), new Date());
  return row !== null && row.terminalId === id && row.userId === actor.userId && row.via === viaOf(actor);
}
