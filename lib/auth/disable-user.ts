// Shutting a person out, and letting them in again. Their jobs are not touched: that is for the cluster's own people.
import type { PersonActor } from "@/lib/actor";
import { recordEvent } from "@/lib/audit/record-event";
import { forget } from "@/lib/auth/known-actors";
import { markLoginsEnded, readUser, setDisabled } from "@/lib/auth/store";
import { notify, transaction } from "@/lib/db";
import { PortalError } from "@/lib/errors";

async function change(actor: PersonActor, userId: string, disabledAt: Date | null): Promise<void> {
  if (!actor.roles.includes("admin")) throw new PortalError("forbidden", "Only an administrator may do this.");
  if (actor.userId === userId) throw new PortalError("conflict", "You cannot disable or enable yourself.");
  await transaction(async (tx) => {
    const { id } = await readUser(tx, userId);
    if (!(await setDisabled(tx, id, disabledAt))) return;
    if (disabledAt) await markLoginsEnded(tx, id, disabledAt);
    const action = disabledAt ? "user.disabled" : "user.enabled";
    await recordEvent(tx, { actor, action, subject: { kind: "user", id }, ownerId: id });
    await notify(tx, { kind: "login", userId: id });
  });
  forget(userId);
}

/** Ends every login of the person at once; their tokens stop working and they cannot sign in. Administrators only. */
export async function disableUser(actor: PersonActor, userId: string): Promise<void> {
  await change(actor, userId, new Date());
}

/** Undoes disableUser. Tokens that have not expired work again; logins do not. */
export async function enableUser(actor: PersonActor, userId: string): Promise<void> {
  await change(actor, userId, null);
}
