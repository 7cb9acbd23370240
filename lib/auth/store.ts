// Every query of people, logins, tokens and Unix accounts.
import { randomUUID } from "node:crypto";
import type { Person } from "@/lib/auth/claims";
import { issuerSpellings } from "@/lib/auth/rules";
import type { Tx } from "@/lib/db";
import { literal } from "@/lib/db/literal";
import { PortalError } from "@/lib/errors";
import type { Login, Prisma, Token, UnixAccount, User } from "@/prisma/generated/client";

export type UserRow = User;
export type LoginRow = Login;
export type TokenRow = Token;
export type UnixAccountRow = UnixAccount;

/** Writes what the provider says now; the id stays for as long as (issuer, subject) does. */
export async function upsertUser(tx: Tx, person: Person, seenAt: Date | null): Promise<UserRow> {
  const { issuer, subject, ...facts } = person;
  const known = await findUserBySubject(tx, issuer, subject);
  return tx.user.upsert({
    where: { issuer_subject: { issuer: known?.issuer ?? issuer, subject } },
    create: { id: randomUUID(), issuer, subject, ...facts, lastSeenAt: seenAt },
    update: { ...facts, ...(seenAt ? { lastSeenAt: seenAt } : {}) },
  });
}

export async function readUser(tx: Tx, id: string): Promise<UserRow> {
  const row = await tx.user.findUnique({ where: { id } });
  if (!row) throw new PortalError("not_found", "There is no such person.");
  return row;
}

export async function findUserBySubject(tx: Tx, issuer: string, subject: string): Promise<UserRow | null> {
  // However the provider was written when they first came, they are the same person.
  return tx.user.findFirst({
    where: { issuer: { in: issuerSpellings(issuer) }, subject },
    orderBy: { createdAt: "asc" },
  });
}

const listed = {
  ...{
    id: true,
    subject: true,
    name: true,
    email: true,
    roles: true,
    groups: true,
    disabledAt: true,
    lastSeenAt: true,
  },
  _count: { select: { sessions: { where: { state: { not: "ended" } } } } },
};
export type ListedUser = Prisma.UserGetPayload<{ select: typeof listed }>;

export async function readListedUser(tx: Tx, id: string): Promise<ListedUser> {
  const row = await tx.user.findUnique({ where: { id }, select: listed });
  if (!row) throw new PortalError("not_found", "There is no such person.");
  return row;
}

export type UserFilter = { search?: string; limit: number; cursor?: string };

/** By name; one more than `limit` rows tells that there is a next page. The cursor is the last id. */
export async function listUsers(tx: Tx, { search, limit, cursor }: UserFilter): Promise<ListedUser[]> {
  const matches = search ? { contains: literal(search), mode: "insensitive" as const } : null;
  const account = { accounts: { some: { account: matches ?? {} } } };
  return tx.user.findMany({
    where: matches ? { OR: [{ name: matches }, { subject: matches }, { email: matches }, account] } : {},
    select: listed,
    orderBy: [{ name: "asc" }, { id: "asc" }],
    take: limit + 1,
    ...(cursor ? { cursor: { id: cursor }, skip: 1 } : {}),
  });
}

/** True when that changed something. */
export async function setDisabled(tx: Tx, id: string, at: Date | null): Promise<boolean> {
  const where = { id, disabledAt: at ? null : { not: null } };
  return (await tx.user.updateMany({ where, data: { disabledAt: at } })).count > 0;
}

export type NewLogin = { userId: string; expiresAt: Date; idTokenSealed: string | null; userAgent: string | null };

export async function insertLogin(tx: Tx, login: NewLogin): Promise<LoginRow> {
  return tx.login.create({ data: { id: randomUUID(), ...login } });
}

export async function readLogin(tx: Tx, id: string): Promise<(LoginRow & { user: UserRow }) | null> {
  return tx.login.findUnique({ where: { id }, include: { user: true } });
}

/** Ends the login, and forgets the provider's token. True when it had not ended before. */
export async function markLoginEnded(tx: Tx, id: string, at: Date): Promise<boolean> {
  const ended = await tx.login.updateMany({
    where: { id, endedAt: null },
    data: { endedAt: at, idTokenSealed: null },
  });
  return ended.count > 0;
}

export async function markLoginsEnded(tx: Tx, userId: string, at: Date): Promise<void> {
  await tx.login.updateMany({ where: { userId, endedAt: null }, data: { endedAt: at, idTokenSealed: null } });
}

export type NewTokenRow = { userId: string; name: string; hash: string; scopes: string[]; expiresAt: Date };

export async function insertToken(tx: Tx, token: NewTokenRow): Promise<TokenRow> {
  return tx.token.create({ data: { id: randomUUID(), ...token } });
}

export async function readToken(
  tx: Tx,
  by: { hash: string } | { id: string },
): Promise<(TokenRow & { user: UserRow }) | null> {
  return tx.token.findUnique({ where: by, include: { user: true } });
}

const live = (userId: string, now: Date) => ({ userId, revokedAt: null, expiresAt: { gt: now } });

export async function findToken(tx: Tx, userId: string, id: string): Promise<TokenRow | null> {
  return tx.token.findFirst({ where: { userId, id } });
}

/** The person's tokens that still work, newest first. */
export async function liveTokens(tx: Tx, userId: string, now: Date): Promise<TokenRow[]> {
  return tx.token.findMany({ where: live(userId, now), orderBy: [{ createdAt: "desc" }, { id: "desc" }] });
}

/** True when the token was the person's and still worked. */
export async function markTokenRevoked(tx: Tx, owned: { userId: string; id: string }, at: Date): Promise<boolean> {
  const revoked = await tx.token.updateMany({
    where: { ...live(owned.userId, at), id: owned.id },
    data: { revokedAt: at },
  });
  return revoked.count > 0;
}

/** Notes the use of a token, at most once a minute however many processes see it. */
export async function touchToken(tx: Tx, id: string, now: Date): Promise<void> {
  const before = new Date(now.getTime() - 60_000);
  const where = { id, OR: [{ lastUsedAt: null }, { lastUsedAt: { lt: before } }] };
  await tx.token.updateMany({ where, data: { lastUsedAt: now } });
}

export async function findUnixAccount(tx: Tx, userId: string, cluster: string): Promise<UnixAccountRow | null> {
  return tx.unixAccount.findUnique({ where: { userId_cluster: { userId, cluster } } });
}

/** Who holds an account, by UnixAccount.holder. */
export async function findHolder(tx: Tx, holder: string): Promise<UnixAccountRow | null> {
  return tx.unixAccount.findUnique({ where: { holder } });
}

/** User ids of those whose account on `cluster` is `account`: one, or several where an account is shared. */
export async function holdersOf(tx: Tx, cluster: string, account: string): Promise<string[]> {
  const rows = await tx.unixAccount.findMany({ where: { cluster, account }, select: { userId: true } });
  return rows.map(({ userId }) => userId);
}

export async function putUnixAccount(tx: Tx, row: Omit<UnixAccountRow, "createdAt">): Promise<UnixAccountRow> {
  const { userId, cluster, ...facts } = row;
  return tx.unixAccount.upsert({
    where: { userId_cluster: { userId, cluster } },
    create: row,
    update: facts,
  });
}
