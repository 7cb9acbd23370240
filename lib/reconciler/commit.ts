// One change of a session with its event and the notice of it, in one transaction; nothing when the row had changed.
import { recordEvent } from "@/lib/audit/record-event";
import { notify, type Tx, transaction } from "@/lib/db";
import { changeSession, type SessionPatch, type SessionRow } from "@/lib/sessions/store";

export async function commitIn(
  tx: Tx,
  row: SessionRow,
  { patch, event }: { patch: SessionPatch; event: string | null },
): Promise<SessionRow | null> {
  const changed = await changeSession(tx, row, patch);
  if (!changed) return null;
  const subject = { kind: "session", id: row.id };
  const data = { from: row.state, to: changed.state, ...(changed.endReason ? { reason: changed.endReason } : {}) };
  if (event) await recordEvent(tx, { actor: { kind: "system" }, action: event, subject, ownerId: row.ownerId, data });
  await notify(tx, { kind: "session", id: row.id, ownerId: row.ownerId });
  return changed;
}

/** One change of the row, its event and the notice of it. Null when the row had changed. */
export const commit = (row: SessionRow, patch: SessionPatch, event: string | null): Promise<SessionRow | null> =>
  transaction((tx) => commitIn(tx, row, { patch, event }));
