// The end of a session's log: from the cluster while it lives, kept in the database afterwards. However many people
// and tabs look, the cluster is asked at most once a second per session.
import type { PersonActor } from "@/lib/actor";
import { db } from "@/lib/db";
import { once } from "@/lib/once";
import { followLog } from "@/lib/sessions/follow-log";
import { isEndOnly } from "@/lib/sessions/kept-log";
import type { SessionLog } from "@/lib/sessions/schema";
import { readSessionFiles } from "@/lib/sessions/session-files";
import { readSession, type SessionRow } from "@/lib/sessions/store";

const maxAgeMs = 1000;
const maxBytes = 262_144;
type Held = { at: number; text: Promise<string> };

function liveLog(actor: PersonActor, row: SessionRow): Promise<string> {
  const held = once("session-logs", () => new Map<string, Held>());
  for (const [id, { at }] of held) if (performance.now() - at > maxAgeMs) held.delete(id);
  const known = held.get(row.id);
  if (known) return known.text;
  const text = readSessionFiles(row, maxBytes, actor).then((files) => files.log);
  held.set(row.id, { at: performance.now(), text });
  text.catch(() => held.delete(row.id));
  return text;
}

/** The last `lines` lines. `final` when nothing will be added. */
export async function readLog(actor: PersonActor, id: string, lines: number): Promise<SessionLog> {
  const row = await readSession(db(), { ownerId: actor.userId }, id);
  const final = row.cleanedAt !== null;
  if (!final && row.directory) await followLog(actor, row);
  const whole = final ? (row.logTail ?? "") : row.state === "submitting" ? "" : await liveLog(actor, row);
  const all = whole.trimEnd().split("\n");
  const truncated = (final && isEndOnly(whole)) || all.length > lines || Buffer.byteLength(whole) >= maxBytes;
  return { text: all.slice(-lines).join("\n"), truncated, at: new Date().toISOString(), final };
}
