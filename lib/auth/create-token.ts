// API tokens: `berth_` and 256 random bits, shown once; only the SHA-256 is kept. A plain hash is enough, since nobody
// can guess the value, and makes looking one up a single indexed read.
import { randomBytes } from "node:crypto";
import type { Actor, PersonActor } from "@/lib/actor";
import { recordEvent } from "@/lib/audit/record-event";
import { hashOfToken } from "@/lib/auth/actor-from-request";
import { type NewToken, newToken, type Scope, scopes, type TokenView } from "@/lib/auth/schema";
import { findToken, insertToken, liveTokens, readUser } from "@/lib/auth/store";
import { tokenView } from "@/lib/auth/token-view";
import { db, lockedTransaction } from "@/lib/db";
import { PortalError } from "@/lib/errors";

const MOST_TOKENS = 50;
const DAY_MS = 86_400_000;

type Wanted = { userId: string; name: string; scopes: Scope[]; expiresAt: Date };

async function issue(actor: Actor, wanted: Wanted): Promise<TokenView & { secret: string }> {
  const secret = `berth_${randomBytes(32).toString("base64url")}`;
  const { userId, name, scopes: granted, expiresAt } = wanted;
  const row = await lockedTransaction(`tokens:${userId}`, async (tx) => {
    if ((await liveTokens(tx, userId, new Date())).length >= MOST_TOKENS) {
      throw new PortalError("conflict", `You have ${MOST_TOKENS} tokens already. Revoke one that is no longer used.`);
    }
    const made = await insertToken(tx, { userId, name, hash: hashOfToken(secret), scopes: granted, expiresAt });
    const subject = { kind: "token", id: made.id };
    const data = { name, scopes: granted, expiresAt: expiresAt.toISOString() };
    await recordEvent(tx, { actor, action: "token.created", subject, ownerId: userId, data });
    return made;
  });
  return { ...tokenView(row), secret };
}

/** A token must not be a way to more, or longer, than it is itself. */
async function refuseMoreThanOwn(actor: PersonActor, wanted: Wanted): Promise<void> {
  const beyond = wanted.scopes.filter((scope) => !actor.scopes.includes(scope));
  if (beyond.length > 0) {
    const sentence = `This token lacks ${beyond.join(", ")} itself.`;
    throw new PortalError("forbidden", sentence, { fields: { scopes: sentence } });
  }
  if (actor.kind !== "token") return;
  const own = await findToken(db(), actor.userId, actor.via);
  if (own && own.expiresAt >= wanted.expiresAt) return;
  const sentence = "A token cannot create one that lives longer than itself.";
  throw new PortalError("forbidden", sentence, { fields: { days: sentence } });
}

/** Creates a token of the actor's own. Its secret is in the answer and nowhere else. */
export async function createToken(actor: PersonActor, input: NewToken): Promise<TokenView & { secret: string }> {
  const { name, scopes: asked, days } = newToken.parse(input);
  const wanted = {
    userId: actor.userId,
    name,
    scopes: scopes.filter((scope) => asked.includes(scope)),
    expiresAt: new Date(Date.now() + days * DAY_MS),
  };
  await refuseMoreThanOwn(actor, wanted);
  return issue(actor, wanted);
}

/**
 * Creates a token for somebody else: what `npm run token` does for whoever can open the portal's own data directory.
 * One day and every scope unless said otherwise. `not_found` for a person never seen, `conflict` for a disabled one.
 */
export async function issueOperatorToken(
  userId: string,
  { days = 1, scopes: granted = [...scopes] }: { days?: number; scopes?: Scope[] } = {},
): Promise<TokenView & { secret: string }> {
  const user = await readUser(db(), userId);
  if (user.disabledAt) throw new PortalError("conflict", `${user.subject} is disabled.`);
  const expiresAt = new Date(Date.now() + days * DAY_MS);
  return issue({ kind: "system" }, { userId, name: "From the command line", scopes: granted, expiresAt });
}
