// Who sends a request: the login cookie or an API token, as an Actor. Works for route handlers, pages and bare upgrades.
// A token that is sent must be good: a bad one is not made up for by a cookie.
import { createHash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { decode } from "next-auth/jwt";
import type { PersonActor } from "@/lib/actor";
import { cookiesOf, headerOf, loginCookieName, loginSecret } from "@/lib/auth/cookies";
import { type Found, knownActor } from "@/lib/auth/known-actors";
import { role, type Scope, scope, scopes } from "@/lib/auth/schema";
import { readLogin, readToken, touchToken, type UserRow } from "@/lib/auth/store";
import { db } from "@/lib/db";
import { limitFailures } from "@/lib/http/rate-limit";
import { once } from "@/lib/once";

type AnyRequest = { headers: Headers | IncomingHttpHeaders };

export const hashOfToken = (secret: string): string => createHash("sha256").update(secret).digest("hex");

function actorOf(user: UserRow, how: Pick<PersonActor, "kind" | "via"> & { scopes: readonly string[] }): PersonActor {
  return {
    kind: how.kind,
    userId: user.id,
    name: user.name,
    // A role or scope that this version does not know gives no right.
    roles: user.roles.map((name) => role.safeParse(name).data).filter((found) => found !== undefined),
    groups: user.groups,
    via: how.via,
    scopes: how.scopes.map((name) => scope.safeParse(name).data).filter((found): found is Scope => found !== undefined),
  };
}

async function lookUpLogin(id: string): Promise<Found> {
  const login = await readLogin(db(), id);
  if (!login || login.endedAt || login.user.disabledAt) return null;
  return { actor: actorOf(login.user, { kind: "user", via: login.id, scopes }), expiresAt: login.expiresAt };
}

async function lookUpToken(by: { hash: string } | { id: string }): Promise<Found> {
  const token = await readToken(db(), by);
  if (!token || token.revokedAt || token.user.disabledAt) return null;
  const actor = actorOf(token.user, { kind: "token", via: token.id, scopes: token.scopes });
  return { actor, expiresAt: token.expiresAt };
}

const MOST_REMEMBERED = 20_000;

/** Hashes of tokens that were good once: whoever has one of them guesses nothing. The oldest goes first. */
const goodOnce = () => once("auth.good-tokens", () => new Set<string>());

function remember(hash: string): void {
  const hashes = goodOnce();
  hashes.delete(hash);
  hashes.add(hash);
  for (const oldest of hashes.size > MOST_REMEMBERED ? hashes.values().take(1) : []) hashes.delete(oldest);
}

async function lookUpUsedToken(hash: string): Promise<Found> {
  const found = await lookUpToken({ hash });
  if (found) remember(hash);
  if (found && found.expiresAt.getTime() > Date.now()) await touchToken(db(), found.actor.via, new Date());
  return found;
}

/** Unknown tokens that one address may try in a minute: each is a question to the database. */
const GUESSES_PER_MINUTE = 300;

async function actorFromToken(authorization: string, address: string | undefined): Promise<PersonActor | null> {
  const secret = /^Bearer +(berth_[\w-]{43})$/i.exec(authorization)?.[1];
  if (!secret) return null;
  const hash = hashOfToken(secret);
  const key = `token:${hash}`;
  const look = () => lookUpUsedToken(hash);
  // Who is known does not suffer from who guesses at the same address.
  if (address === undefined || goodOnce().has(hash)) return knownActor(key, look);
  const guess = { caller: `address:${address}`, perMinute: GUESSES_PER_MINUTE };
  return knownActor(key, () => limitFailures("token", guess, look));
}

/** True when a request says who sends it, well or badly. */
export const namesSomebody = (request: AnyRequest): boolean =>
  bringsToken(request) || cookiesOf(request.headers).has(loginCookieName());

/** True when a request brings a token, good or bad. Other schemes are a proxy's own, and browsers send those by themselves. */
export function bringsToken(request: AnyRequest): boolean {
  return /^Bearer( |$)/i.test(headerOf(request.headers, "authorization") ?? "");
}

type Opened = { loginId: string; expiresAtMs: number };

const MOST_OPENED = 20_000;

async function openCookie(token: string): Promise<Opened | null> {
  const claims = await decode({ token, secret: loginSecret() }).catch(() => null);
  if (typeof claims?.lid !== "string" || typeof claims.exp !== "number") return null;
  return { loginId: claims.lid, expiresAtMs: claims.exp * 1000 };
}

/**
 * The login id in a request's cookie, or null: well sealed by us, which does not yet mean that the login still lives. A
 * cookie that was opened once is known by its hash until it expires: deriving the key is a tenth of a request's work.
 */
export async function loginIdOf(request: AnyRequest): Promise<string | null> {
  const token = cookiesOf(request.headers).get(loginCookieName());
  if (!token) return null;
  const known = once("auth.opened-cookies", () => new Map<string, Opened>());
  const hash = createHash("sha256").update(token).digest("base64url");
  const opened = known.get(hash);
  if (opened && opened.expiresAtMs > Date.now()) return opened.loginId;
  known.delete(hash);
  const found = await openCookie(token);
  if (!found) return null;
  if (known.size >= MOST_OPENED) known.clear();
  known.set(hash, found);
  return found.loginId;
}

/**
 * The person behind a request's headers, or null. Throws when the database is away, and `too_many` when `address`, where it
 * came from, has tried too many tokens; never for a bad cookie or token.
 */
export async function actorFromRequest(request: AnyRequest, address?: string): Promise<PersonActor | null> {
  if (bringsToken(request)) return actorFromToken(headerOf(request.headers, "authorization") ?? "", address);
  const id = await loginIdOf(request);
  return id ? knownActor(`login:${id}`, () => lookUpLogin(id)) : null;
}

/** True while the actor's login or token is good and the person not disabled: for streams and upgrades to ask now and then. */
export async function stillValid(actor: PersonActor): Promise<boolean> {
  const { kind, via } = actor;
  const look = () => (kind === "user" ? lookUpLogin(via) : lookUpToken({ id: via }));
  return (await knownActor(kind === "user" ? `login:${via}` : `token-id:${via}`, look)) !== null;
}
