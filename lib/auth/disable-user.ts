// Shutting a person out, and letting them in again. Their terminals end; their sessions go on unless the administrator says
// otherwise: a job may be somebody's work of a week.
import { type Actor, requireAdmin } from "@/lib/actor";
import { recordEvent } from "@/lib/audit/record-event";
import { forget } from "@/lib/auth/known-actors";
import type { UserView } from "@/lib/auth/schema";
import { markLoginsEnded, readListedUser, readUser, setDisabled } from "@/lib/auth/store";
import { userView } from "@/lib/auth/user-view";
import { db, lockedTransaction, notify } from "@/lib/db";
import { PortalError } from "@/lib/errors";
import { stopSessionsOf } from "@/lib/sessions/stop-session";
import { endTerminalsOf } from "@/lib/terminals/change-terminal";

async function change(actor: Actor, userId: string, disabledAt: Date | null): Promise<void> {
  if (actor.kind !== "system") {
    requireAdmin(actor);
    if (actor.userId === userId) throw new PortalError("conflict", "You cannot disable or enable yourself.");
  }
  // As createSession does: a request of theirs is either over, with its session in the database, or finds them disabled.
  await lockedTransaction(`owner:${userId}`, async (tx) => {
    const { id } = await readUser(tx, userId);
    if (!(await setDisabled(tx, id, disabledAt))) return;
    if (disabledAt) {
      await markLoginsEnded(tx, id, disabledAt);
      // Unlike a job, a shell does what its person types; it would also be there again when they are let in.
      await endTerminalsOf(tx, id, "Your account was disabled.");
    }
    const action = disabledAt ? "user.disabled" : "user.enabled";
    await recordEvent(tx, { actor, action, subject: { kind: "user", id }, ownerId: id });
    await notify(tx, { kind: "login", userId: id });
  });
  forget(userId);
}

const view = async (userId: string): Promise<UserView> => userView(await readListedUser(db(), userId));

/**
 * Ends every login of the person at once; their tokens stop working and they cannot sign in. With `stopSessions` their
 * sessions are stopped as well. Administrators only; doing it again is fine, and stops what is still open.
 */
export async function disableUser(actor: Actor, userId: string, stopSessions = false): Promise<UserView> {
  await change(actor, userId, new Date());
  if (stopSessions) await stopSessionsOf(actor, userId);
  return view(userId);
}

/** Undoes disableUser. Tokens that have not expired work again; logins do not, and sessions stay ended. */
export async function enableUser(actor: Actor, userId: string): Promise<UserView> {
  await change(actor, userId, null);
  return view(userId);
}
