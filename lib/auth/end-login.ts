// Ending a login, here and now: the row first, then every memory of it in every replica.
import { recordEvent } from "@/lib/audit/record-event";
import { forget } from "@/lib/auth/known-actors";
import { type LoginRow, markLoginEnded, readLogin } from "@/lib/auth/store";
import { notify, transaction } from "@/lib/db";

/** Ends the login; answers its row as it was before, or null when there was none to end. */
export async function endLogin(loginId: string, reason: "signed-out" | "signed-in-again"): Promise<LoginRow | null> {
  const login = await transaction(async (tx) => {
    const row = await readLogin(tx, loginId);
    if (!row || !(await markLoginEnded(tx, loginId, new Date()))) return null;
    const actor = { kind: "system" } as const;
    const subject = { kind: "user", id: row.userId };
    await recordEvent(tx, { actor, action: "login.ended", subject, ownerId: row.userId, data: { reason } });
    await notify(tx, { kind: "login", userId: row.userId });
    return row;
  });
  if (login) forget(login.userId);
  return login;
}
