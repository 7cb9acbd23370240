// Runs on PGlite and on PostgreSQL.
import { describe, expect, it } from "vitest";
import { useDatabase } from "@/dev/test-database";
import {
  findUserBySubject,
  insertLogin,
  insertToken,
  liveTokens,
  markLoginEnded,
  markTokenRevoked,
  putUnixAccount,
  readLogin,
  readUser,
  setDisabled,
  touchToken,
  upsertUser,
} from "@/lib/auth/store";
import { db, isUniqueViolation, transaction } from "@/lib/db";

useDatabase();

const facts = { name: "P", email: null, roles: [], groups: ["g"], claims: { preferred_username: "p" } };
const user = (subject: string, issuer = "https://one.example") =>
  upsertUser(db(), { issuer, subject, ...facts }, new Date());
const soon = () => new Date(Date.now() + 60_000);

describe("a person", () => {
  it("is the same one for as long as issuer and subject are, whatever else changes", async () => {
    const first = await user("same");
    const second = await upsertUser(
      db(),
      { issuer: first.issuer, subject: "same", ...facts, name: "Q", groups: [] },
      null,
    );
    expect(second).toMatchObject({ id: first.id, name: "Q", groups: [], lastSeenAt: first.lastSeenAt });
    expect((await user("same", "https://two.example")).id).not.toBe(first.id);
    expect(await findUserBySubject(db(), first.issuer, "Same")).toBeNull();
    expect((await user("same", `${first.issuer}/`)).id).toBe(first.id);
  });

  it("is disabled once", async () => {
    const { id } = await user("disabled");
    expect(await setDisabled(db(), id, new Date())).toBe(true);
    expect(await setDisabled(db(), id, new Date())).toBe(false);
    expect(await setDisabled(db(), id, null)).toBe(true);
    await expect(readUser(db(), "never-was")).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("a login", () => {
  it("ends once, and then holds no token of the provider", async () => {
    const { id: userId } = await user("login");
    const { id } = await insertLogin(db(), { userId, expiresAt: soon(), idTokenSealed: "sealed", userAgent: null });
    const ended = await Promise.all([1, 2].map(() => transaction((tx) => markLoginEnded(tx, id, new Date()))));
    expect(ended.toSorted()).toEqual([false, true]);
    expect(await readLogin(db(), id)).toMatchObject({ idTokenSealed: null, user: { id: userId } });
  });
});

describe("a token", () => {
  const make = async (subject: string) => {
    const { id: userId } = await user(subject);
    return insertToken(db(), { userId, name: "t", hash: `hash of ${subject}`, scopes: [], expiresAt: soon() });
  };

  it("is revoked by its owner only", async () => {
    const token = await make("revoker");
    const other = await user("revoker-2");
    expect(await markTokenRevoked(db(), { userId: other.id, id: token.id }, new Date())).toBe(false);
    expect(await markTokenRevoked(db(), { userId: token.userId, id: token.id }, new Date())).toBe(true);
    expect(await liveTokens(db(), token.userId, new Date())).toEqual([]);
  });

  it("notes its use at most once a minute", async () => {
    const token = await make("user-of-token");
    const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, seconds));
    for (const seconds of [0, 59, 61]) await touchToken(db(), token.id, at(seconds));
    const [row] = await liveTokens(db(), token.userId, new Date());
    expect(row?.lastUsedAt).toEqual(at(61));
  });
});

it("B3: a Unix account has one holder", async () => {
  const [one, two] = [await user("holder-1"), await user("holder-2")];
  const row = { cluster: "c", account: "alice", uid: 1001, holder: "c/alice" };
  await putUnixAccount(db(), { userId: one.id, ...row });
  await putUnixAccount(db(), { userId: one.id, ...row });
  const stolen = await transaction((tx) => putUnixAccount(tx, { userId: two.id, ...row })).catch((error) => error);
  expect(isUniqueViolation(stolen)).toBe(true);
});
