// How long a login, a token or a person counts: B6. Time is moved, not waited for.
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { useDatabase } from "@/dev/test-database";
import { bearerOf, signInPerson, type TestPerson } from "@/dev/test-people";
import { useConfig } from "@/dev/test-portal";
import type { PersonActor } from "@/lib/actor";
import { actorFromRequest, stillValid } from "@/lib/auth/actor-from-request";
import { loginCookieName } from "@/lib/auth/cookies";
import { disableUser, enableUser } from "@/lib/auth/disable-user";
import { endLogin } from "@/lib/auth/end-login";
import { forget, onLoginEnded } from "@/lib/auth/known-actors";
import { revokeToken } from "@/lib/auth/revoke-token";
import { db, notify, transaction } from "@/lib/db";

let people = 0;
let person: TestPerson;
let admin: PersonActor;

useDatabase();
beforeAll(async () => {
  useConfig({ signIn: { hours: 1 } });
  admin = { ...(await signInPerson("the-admin")).actor, roles: ["researcher", "admin"] };
});
beforeEach(async () => {
  people += 1;
  person = await signInPerson(`person-${people}`);
});
afterEach(() => {
  vi.useRealTimers();
});

const withCookie = (cookie = person.cookie) => actorFromRequest({ headers: { cookie } });
const withToken = (authorization: string) => actorFromRequest({ headers: { authorization } });

function moveClock(seconds: number): void {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + seconds * 1000 });
}

describe("a login", () => {
  it("is known from the headers of Node and of the web alike", async () => {
    expect(await withCookie()).toEqual(person.actor);
    expect(await actorFromRequest({ headers: new Headers({ cookie: person.cookie }) })).toEqual(person.actor);
  });

  it.each([
    ["no cookie", ""],
    ["an empty one", "NAME="],
    ["text", "NAME=hello"],
    ["the right value under a longer name", "NAME0=VALUE"],
    ["the right value under a shorter name", "__Host-berth-300=VALUE"],
    ["a value changed at its end", "NAME=VALUEx"],
  ])("is not made by %s", async (_name, pattern) => {
    const [, value = ""] = /=(.*)/.exec(person.cookie) ?? [];
    expect(await withCookie(pattern.replace("NAME", loginCookieName()).replace("VALUE", value))).toBeNull();
  });

  it("that was ended is dead at once", async () => {
    await endLogin(person.loginId, "signed-out");
    expect(await withCookie()).toBeNull();
    expect(await stillValid(person.actor)).toBe(false);
  });

  it("leaves another login of the same person alone when it ends", async () => {
    const other = await signInPerson(person.subject);
    await endLogin(person.loginId, "signed-out");
    expect(await withCookie(other.cookie)).not.toBeNull();
  });

  it("is asked about only once in five seconds", async () => {
    forget(person.actor.userId);
    const asked = vi.spyOn(db().login, "findUnique");
    await Promise.all([withCookie(), withCookie(), stillValid(person.actor)]);
    await withCookie();
    expect(asked).toHaveBeenCalledTimes(1);
    asked.mockRestore();
  });

  it("whose row another replica ended without a word is dead after five seconds", async () => {
    await withCookie();
    await db().login.update({ where: { id: person.loginId }, data: { endedAt: new Date() } });
    moveClock(4);
    expect(await withCookie()).not.toBeNull();
    moveClock(5.1);
    expect(await withCookie()).toBeNull();
  });

  it("whose row is gone is dead after five seconds", async () => {
    await withCookie();
    await db().login.delete({ where: { id: person.loginId } });
    moveClock(5.1);
    expect(await withCookie()).toBeNull();
  });

  it("that another replica ended is dead as soon as it says so", async () => {
    await withCookie();
    const told = new Promise<string>((resolve) => onLoginEnded(resolve));
    await transaction(async (tx) => {
      await tx.login.update({ where: { id: person.loginId }, data: { endedAt: new Date() } });
      await notify(tx, { kind: "login", userId: person.actor.userId });
    });
    expect(await told).toBe(person.actor.userId);
    expect(await withCookie()).toBeNull();
  });

  it("ends after the configured hours, to the second", async () => {
    await withCookie();
    const { expiresAt } = await db().login.findUniqueOrThrow({ where: { id: person.loginId } });
    vi.useFakeTimers({ toFake: ["Date"], now: expiresAt.getTime() - 1000 });
    expect(await withCookie()).not.toBeNull();
    vi.useFakeTimers({ toFake: ["Date"], now: expiresAt.getTime() + 1 });
    expect(await withCookie()).toBeNull();
  });
});

describe("a disabled person", () => {
  it("is shut out at once, login and token, and stays so until enabled", async () => {
    const token = await bearerOf(person);
    expect(await withToken(token)).not.toBeNull();
    await disableUser(admin, person.actor.userId);
    expect(await withCookie()).toBeNull();
    expect(await withToken(token)).toBeNull();
    await enableUser(admin, person.actor.userId);
    expect(await withToken(token)).not.toBeNull();
    expect(await withCookie()).toBeNull();
  });

  it("is disabled by administrators only, and nobody disables themselves", async () => {
    await expect(disableUser(person.actor, admin.userId)).rejects.toMatchObject({ code: "forbidden" });
    await expect(disableUser(admin, admin.userId)).rejects.toMatchObject({ code: "conflict" });
    expect(await db().user.count({ where: { id: admin.userId, disabledAt: null } })).toBe(1);
  });

  it("is on record, with who did it", async () => {
    await disableUser(admin, person.actor.userId);
    const found = await db().event.findFirst({ where: { action: "user.disabled", subjectId: person.actor.userId } });
    expect(found).toMatchObject({ actorId: admin.userId, ownerId: person.actor.userId });
  });
});

describe("a token", () => {
  it("that was revoked is dead at once", async () => {
    const token = await bearerOf(person);
    const actor = await withToken(token);
    await revokeToken(person.actor, actor?.via ?? "");
    expect(await withToken(token)).toBeNull();
    expect(actor && (await stillValid(actor))).toBe(false);
  });

  it("dies when it expires", async () => {
    const token = await bearerOf(person);
    expect(await withToken(token)).not.toBeNull();
    moveClock(86_401);
    expect(await withToken(token)).toBeNull();
  });

  it("says when it was last used, to the minute", async () => {
    const token = await bearerOf(person);
    const actor = await withToken(token);
    const lastUsed = async () =>
      (await db().token.findUniqueOrThrow({ where: { id: actor?.via } })).lastUsedAt?.getTime();
    const first = await lastUsed();
    expect(first).toBeDefined();
    moveClock(30);
    await withToken(token);
    expect(await lastUsed()).toBe(first);
    moveClock(40);
    await withToken(token);
    expect(await lastUsed()).toBeGreaterThan(first ?? 0);
  });

  it.each(["Bearer", "Bearer ", "Basic YWxpY2U6", "Bearer berth_short", "berth_", ""])("is not %j", async (value) => {
    expect(await withToken(value)).toBeNull();
  });
});
