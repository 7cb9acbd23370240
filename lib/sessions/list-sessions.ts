// A person's sessions, and one of them. Live state comes from the rows the reconciler keeps: no question to a scheduler.
import type { PersonActor } from "@/lib/actor";
import { db } from "@/lib/db";
import type { SessionView } from "@/lib/sessions/schema";
import { listSessions as listRows, readSession, type SessionFilter } from "@/lib/sessions/store";
import { viewSession } from "@/lib/sessions/view-session";

/** One page of the actor's own sessions, newest first. */
export async function listSessions(
  actor: PersonActor,
  filter: SessionFilter,
): Promise<{ items: SessionView[]; nextCursor: string | null }> {
  const rows = await listRows(db(), { ownerId: actor.userId }, filter);
  const page = rows.slice(0, filter.limit);
  const last = page.at(-1);
  const nextCursor = rows.length > filter.limit && last ? `${last.submittedAt.getTime()}.${last.id}` : null;
  return { items: await Promise.all(page.map(viewSession)), nextCursor };
}

/** One session of the actor, or `not_found`. */
export async function getSession(actor: PersonActor, id: string): Promise<SessionView> {
  return viewSession(await readSession(db(), { ownerId: actor.userId }, id));
}
