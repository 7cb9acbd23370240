// The people whom the portal knows, for administrators: whoever signed in once.
import { type PersonActor, requireAdmin } from "@/lib/actor";
import type { UserView } from "@/lib/auth/schema";
import { listUsers as listRows, type UserFilter } from "@/lib/auth/store";
import { userView } from "@/lib/auth/user-view";
import { db } from "@/lib/db";

/** One page of people by name; `search` looks in names, subjects and e-mail addresses. */
export async function listUsers(
  actor: PersonActor,
  filter: UserFilter,
): Promise<{ items: UserView[]; nextCursor: string | null }> {
  requireAdmin(actor);
  const rows = await listRows(db(), filter);
  const page = rows.slice(0, filter.limit);
  return { items: page.map(userView), nextCursor: rows.length > filter.limit ? (page.at(-1)?.id ?? null) : null };
}
