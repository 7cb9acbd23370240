import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { POST as disable } from "@/app/api/users/[id]/disable/route";
import { POST as enable } from "@/app/api/users/[id]/enable/route";
import { GET as users } from "@/app/api/users/route";
import { forgetOnce } from "@/dev/forget-once";
import { useDatabase } from "@/dev/test-database";
import { bearerOf, signInPerson, type TestPerson } from "@/dev/test-people";
import { request, useFakeCluster } from "@/dev/test-sessions";
import { actorFromRequest } from "@/lib/auth/actor-from-request";
import { db } from "@/lib/db";
import { createSession } from "@/lib/sessions/create-session";

useDatabase();
useFakeCluster();
const people = new Map<string, TestPerson>();
const of = (name: string): TestPerson => people.get(name) ?? expect.fail(name);

async function add(name: string, roles: string[] = []): Promise<void> {
  const found = await signInPerson(name);
  await db().user.update({ where: { id: found.actor.userId }, data: { roles } });
  forgetOnce("auth.known");
  people.set(name, { ...found, actor: (await actorFromRequest({ headers: { cookie: found.cookie } })) ?? found.actor });
}

beforeAll(async () => {
  for (const name of ["alice", "bert", "cleo", "dan_x", "danyx"]) await add(name);
  await add("olga", ["operator"]);
  await add("ada", ["admin"]);
  await add("adam", ["admin"]);
});
beforeEach(() => forgetOnce("rate:"));

type Ask = { as: string; id?: string; body?: object; query?: string };

async function call(handler: typeof disable, { as, id = "", body, query = "" }: Ask): Promise<Response> {
  const headers = { authorization: await bearerOf(of(as)), "content-type": "application/json" };
  const init = handler === users ? { headers } : { method: "POST", headers, body: body && JSON.stringify(body) };
  return handler(new Request(`http://localhost:3000/api/users${query}`, init), { params: Promise.resolve({ id }) });
}
const idOf = (name: string) => of(name).actor.userId;
const eventsOf = (name: string) => db().event.findMany({ where: { subjectId: idOf(name) }, orderBy: { id: "asc" } });

describe("disabling a person", () => {
  it("ends their logins, makes their tokens useless, and says who did it", async () => {
    const { cookie } = of("alice");
    const token = { authorization: await bearerOf(of("alice")) };
    expect(await actorFromRequest({ headers: token })).not.toBeNull();
    const answer = await call(disable, { as: "ada", id: idOf("alice") });
    expect(await answer.json()).toMatchObject({ subject: "alice", disabledAt: expect.any(String), openSessions: 0 });
    expect(await actorFromRequest({ headers: token })).toBeNull();
    expect(await actorFromRequest({ headers: { cookie } })).toBeNull();
    await expect(signInPerson("alice")).rejects.toThrow("disabled");
    const [event] = (await eventsOf("alice")).filter(({ action }) => action === "user.disabled");
    expect(event).toMatchObject({ actorId: idOf("ada"), actorKind: "token" });
    const again = await call(enable, { as: "ada", id: idOf("alice") });
    expect(await again.json()).toMatchObject({ disabledAt: null });
    expect(await actorFromRequest({ headers: token })).not.toBeNull();
    expect(await actorFromRequest({ headers: { cookie } })).toBeNull();
  });

  it("leaves their sessions alone unless they are to be stopped", async () => {
    const { actor } = of("bert");
    const { id } = await createSession(actor, request(), "one");
    const left = await call(disable, { as: "ada", id: idOf("bert"), body: {} });
    expect(await left.json()).toMatchObject({ openSessions: 1 });
    expect(await db().session.findUniqueOrThrow({ where: { id } })).toMatchObject({ state: "queued" });
    await call(disable, { as: "ada", id: idOf("bert"), body: { stopSessions: true } });
    const stopped = await db().session.findUniqueOrThrow({ where: { id } });
    expect(stopped).toMatchObject({ state: "stopping", endDetail: "Your support stopped it." });
  });

  it("lets nothing start that was asked for a moment before", async () => {
    const { actor } = of("cleo");
    await call(disable, { as: "ada", id: idOf("cleo") });
    await expect(createSession(actor, request(), "late")).rejects.toMatchObject({ code: "unauthenticated" });
    expect(await db().session.count({ where: { ownerId: actor.userId } })).toBe(0);
  });

  it("is refused to everybody else, whether there is such a person or not", async () => {
    for (const as of ["danyx", "olga"]) {
      for (const id of [idOf("ada"), "nobody", idOf(as)]) {
        for (const handler of [disable, enable, users]) {
          const answer = await call(handler, { as, id });
          expect(answer.status).toBe(403);
          expect(await answer.json()).toMatchObject({ detail: "Only an administrator may do this." });
        }
      }
    }
    expect((await call(disable, { as: "ada", id: "nobody" })).status).toBe(404);
  });

  it("cannot be done to oneself", async () => {
    expect((await call(disable, { as: "ada", id: idOf("ada") })).status).toBe(409);
    expect(await db().user.findUnique({ where: { id: idOf("ada") } })).toMatchObject({ disabledAt: null });
  });
});

describe("the list of people", () => {
  const names = async (query: string) => {
    const answer = await call(users, { as: "ada", query });
    return (await answer.json()) as { items: { subject: string }[]; nextCursor: string | null };
  };

  it("is searched by what was typed, literally", async () => {
    expect((await names("?search=DAN_")).items.map(({ subject }) => subject)).toEqual(["dan_x"]);
    expect((await names("?search=nobody")).items).toEqual([]);
  });

  it("is searched by Unix accounts, too", async () => {
    const data = { userId: idOf("cleo"), cluster: "elsewhere", account: "hpc_cl", holder: "elsewhere/hpc_cl" };
    await db().unixAccount.create({ data });
    expect((await names("?search=HPC_C")).items.map(({ subject }) => subject)).toEqual(["cleo"]);
  });

  it("comes in pages", async () => {
    const seen: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const found = await names(`?limit=3${cursor && `&cursor=${cursor}`}`);
      seen.push(...found.items.map(({ subject }) => subject));
      cursor = found.nextCursor;
    }
    expect(seen).toEqual(["ada", "adam", "alice", "bert", "cleo", "dan_x", "danyx", "olga"]);
  });
});
