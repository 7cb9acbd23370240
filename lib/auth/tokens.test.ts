import { createHash, randomBytes } from "node:crypto";
import { beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { useDatabase } from "@/dev/test-database";
import { signInPerson, type TestPerson } from "@/dev/test-people";
import { useConfig } from "@/dev/test-portal";
import { actorFromRequest } from "@/lib/auth/actor-from-request";
import { createToken, issueOperatorToken } from "@/lib/auth/create-token";
import { listTokens } from "@/lib/auth/list-tokens";
import { revokeToken } from "@/lib/auth/revoke-token";
import { scopes } from "@/lib/auth/schema";
import { db } from "@/lib/db";
import { seedDemoPeople } from "@/prisma/seed";

let people = 0;
let person: TestPerson;

useDatabase();
beforeAll(() => useConfig({}));
beforeEach(async () => {
  people += 1;
  person = await signInPerson(`owner-${people}`);
});

/** A made-up token, from one address. */
const guess = (address: string) =>
  actorFromRequest({ headers: { authorization: `Bearer berth_${randomBytes(32).toString("base64url")}` } }, address);

const actorOf = (secret: string) => actorFromRequest({ headers: { authorization: `Bearer ${secret}` } });

describe("a token", () => {
  it("is shown once, and kept as a hash", async () => {
    const { secret, id } = await createToken(person.actor, { name: "script", scopes: ["sessions:read"] });
    expect(secret).toMatch(/^berth_[\w-]{43}$/);
    const row = await db().token.findUniqueOrThrow({ where: { id } });
    expect(row.hash).toBe(createHash("sha256").update(secret).digest("hex"));
    expect(JSON.stringify(row)).not.toContain(secret.slice(6));
    expect(JSON.stringify(await listTokens(person.actor))).not.toMatch(new RegExp(`${secret.slice(6)}|${row.hash}`));
  });

  it("is guessed 300 times a minute from one address, which asks nothing more then; known ones go on", async () => {
    const { secret } = await createToken(person.actor, { name: "script", scopes: ["sessions:read"] });
    expect(await actorOf(secret)).not.toBeNull();
    for (let tried = 0; tried < 300; tried += 1) expect(await guess("192.0.2.1")).toBeNull();
    const asked = vi.spyOn(db().token, "findUnique");
    onTestFinished(() => asked.mockRestore());
    await expect(guess("192.0.2.1")).rejects.toMatchObject({ code: "too_many" });
    expect(asked).not.toHaveBeenCalled();
    expect(await guess("192.0.2.2")).toBeNull();
    const headers = { authorization: `Bearer ${secret}` };
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 6_000 });
    onTestFinished(() => void vi.useRealTimers());
    expect(await actorFromRequest({ headers }, "192.0.2.1")).not.toBeNull();
  });

  it("acts as its owner with its own scopes", async () => {
    const { secret, id } = await createToken(person.actor, {
      name: "script",
      scopes: ["events:read", "sessions:read"],
    });
    const expected = { kind: "token", userId: person.actor.userId, via: id, scopes: ["sessions:read", "events:read"] };
    expect(await actorOf(secret)).toMatchObject(expected);
  });

  it("cannot create one with more scopes than its own", async () => {
    const { secret } = await createToken(person.actor, { name: "narrow", scopes: ["tokens:write"], days: 2 });
    const narrow = await actorOf(secret);
    if (!narrow) throw new Error("The token should work.");
    const wider = createToken(narrow, { name: "wider", scopes: ["tokens:write", "sessions:write"], days: 1 });
    await expect(wider).rejects.toMatchObject({ code: "forbidden", fields: { scopes: expect.any(String) } });
    await expect(createToken(narrow, { name: "same", scopes: ["tokens:write"], days: 1 })).resolves.toBeDefined();
  });

  it("cannot create one that lives longer than itself", async () => {
    const { secret } = await createToken(person.actor, { name: "short", scopes: [...scopes], days: 1 });
    const short = await actorOf(secret);
    if (!short) throw new Error("The token should work.");
    const longer = createToken(short, { name: "longer", scopes: ["sessions:read"], days: 300 });
    await expect(longer).rejects.toMatchObject({ code: "forbidden", fields: { days: expect.any(String) } });
  });

  it("is revoked by its owner only; for others it never was", async () => {
    const { id } = await createToken(person.actor, { name: "mine", scopes: ["sessions:read"] });
    const other = await signInPerson(`other-${people}`);
    await expect(revokeToken(other.actor, id)).rejects.toMatchObject({ code: "not_found" });
    await expect(revokeToken(other.actor, "never-was")).rejects.toMatchObject({ code: "not_found" });
    await revokeToken(person.actor, id);
    await expect(revokeToken(person.actor, id)).rejects.toMatchObject({ code: "not_found" });
    expect((await listTokens(person.actor)).items).toEqual([]);
  });

  it("is the fiftieth at most, also when many are asked for at once", async () => {
    const row = { userId: person.actor.userId, name: "old", scopes: [], expiresAt: new Date(Date.now() + 60_000) };
    const old = Array.from({ length: 48 }, (_, index) => ({
      ...row,
      id: `${people}-${index}`,
      hash: `${people}-${index}`,
    }));
    await db().token.createMany({ data: old });
    const ask = () => createToken(person.actor, { name: "one more", scopes: ["sessions:read"] });
    const results = await Promise.allSettled([ask(), ask(), ask(), ask()]);
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(2);
  });

  it("is on record without its secret", async () => {
    const { secret, id } = await createToken(person.actor, {
      name: "script\u001b[2J".slice(0, 6),
      scopes: ["sessions:read"],
    });
    const event = await db().event.findFirstOrThrow({ where: { action: "token.created", subjectId: id } });
    expect(event).toMatchObject({ actorId: person.actor.userId, ownerId: person.actor.userId });
    expect(JSON.stringify(event.data)).not.toContain(secret.slice(6));
  });
});

describe("an operator's token", () => {
  it("is for a demo person who has not signed in yet", async () => {
    await seedDemoPeople("http://idp.localhost");
    const alice = await db().user.findFirstOrThrow({ where: { issuer: "http://idp.localhost", subject: "alice" } });
    const { secret } = await issueOperatorToken(alice.id);
    expect(await actorOf(secret)).toMatchObject({ name: "Alice Arden", scopes: [...scopes] });
    const again = await signInPerson("alice", { name: "Alice Arden" });
    expect(again.actor.userId).toBe(alice.id);
  });

  it("is not for somebody unknown", async () => {
    await expect(issueOperatorToken("nobody-yet")).rejects.toMatchObject({ code: "not_found" });
  });
});
