// The actor's own tokens that still work.
import type { PersonActor } from "@/lib/actor";
import type { TokenView } from "@/lib/auth/schema";
import { liveTokens } from "@/lib/auth/store";
import { tokenView } from "@/lib/auth/token-view";
import { db } from "@/lib/db";

/** Newest first. A person has at most fifty, so there is never a next page. */
export async function listTokens(actor: PersonActor): Promise<{ items: TokenView[]; nextCursor: null }> {
  const rows = await liveTokens(db(), actor.userId, new Date());
  return { items: rows.map(tokenView), nextCursor: null };
}
