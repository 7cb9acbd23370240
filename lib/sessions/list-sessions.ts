// A person's sessions, everybody's for those who look after the portal, and one of one's own. Live state comes from the rows the reconciler keeps: no question to a scheduler.
import { isStaff, type PersonActor } from "@/lib/actor";
import { db } from "@/lib/db";
import { PortalError } from "@/lib/errors";
import type { SessionView } from "@/lib/sessions/schema";
import { listSessions as listRows, orderOf, readSession, type Scope, type SessionFilter } from "@/lib/sessions/store";
import { viewSession } from "@/lib/sessions/view-session";

function scopeFor(actor: PersonActor, owner: "me" | "everyone"): Scope {
  if (owner === "me") return { ownerId: actor.userId };
  if (!isStaff(actor))
    throw new PortalError("forbidden", "Only operators and administrators may list everyone's sessions.");
  return { everyone: true };
}

/** One page of the actor's own sessions, or of everyone's, newest first; of those that ended, what ended last. */
export async function listSessions(
  actor: PersonActor,
  { owner = "me", ...filter }: SessionFilter & { owner?: "me" | "everyone" },
): Promise<{ items: SessionView[]; nextCursor: string | null }> {
  const rows = await listRows(db(), scopeFor(actor, owner), filter);
  const page = rows.slice(0, filter.limit);
  const last = page.at(-1);
  const at = last?.[orderOf(filter)];
  const nextCursor = rows.length > filter.limit && last && at ? `${at.getTime()}.${last.id}` : null;
  return { items: await Promise.all(page.map(viewSession)), nextCursor };
}

/** One session of the actor, or `not_found`. */
export async function getSession(actor: PersonActor, id: string): Promise<SessionView> {
  return viewSession(await readSession(db(), { ownerId: actor.userId }, id));
}
