// Revoking one of the actor's own tokens: at once here, within five seconds on every replica.
import type { PersonActor } from "@/lib/actor";
import { recordEvent } from "@/lib/audit/record-event";
import { forget } from "@/lib/auth/known-actors";
import { markTokenRevoked } from "@/lib/auth/store";
import { notify, transaction } from "@/lib/db";
import { PortalError } from "@/lib/errors";

/** Throws `not_found` for a token that is not the actor's, never was, or no longer works. */
export async function revokeToken(actor: PersonActor, id: string): Promise<void> {
  const { userId } = actor;
  await transaction(async (tx) => {
    if (!(await markTokenRevoked(tx, { userId, id }, new Date()))) {
      throw new PortalError("not_found", "There is no such token.");
    }
    await recordEvent(tx, { actor, action: "token.revoked", subject: { kind: "token", id }, ownerId: userId });
    await notify(tx, { kind: "login", userId });
  });
  forget(userId);
}
