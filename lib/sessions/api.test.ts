// The API of sessions as a script uses it: what is not well formed is told field by field, what is not yours is not there.
import { beforeAll, describe, expect, it } from "vitest";
import { GET as log } from "@/app/api/sessions/[id]/log/route";
import { GET as one } from "@/app/api/sessions/[id]/route";
import { POST as stop } from "@/app/api/sessions/[id]/stop/route";
import { POST as ticket } from "@/app/api/sessions/[id]/ticket/route";
import { POST as create, GET as list } from "@/app/api/sessions/route";
import { useDatabase } from "@/dev/test-database";
import { bearerOf, signInPerson, type TestPerson } from "@/dev/test-people";
import { request, useFakeCluster } from "@/dev/test-sessions";
import { db } from "@/lib/db";

useDatabase();
const { scheduler } = useFakeCluster();

let alice: TestPerson;
let tokens: Record<"alice" | "bob" | "operator", string>;
beforeAll(async () => {
  alice = await signInPerson("alice");
  const operator = await signInPerson("op");
  await db().user.update({ where: { id: operator.actor.userId }, data: { roles: ["operator"] } });
  tokens = {
    alice: await bearerOf(alice),
    bob: await bearerOf(await signInPerson("bob")),
    operator: await bearerOf(operator),
  };
});

type Route = (request: Request, next: { params: Promise<unknown> }) => Promise<Response>;
type Sent = { token?: string; method?: string; body?: string; params?: object; key?: string; path?: string };

async function send(route: Route, { token = tokens.alice, method = "GET", body, params = {}, key, path = "" }: Sent) {
  const headers = new Headers({ authorization: token, "content-type": "application/json" });
  if (key) headers.set("idempotency-key", key);
  const sent = new Request(`http://localhost:3000/api/sessions${path}`, { method, headers, body });
  const response = await route(sent, { params: Promise.resolve(params) });
  const answer: Record<string, unknown> = await response.json();
  return { status: response.status, answer };
}

let keys = 0;
const ask = (wish: object, body = JSON.stringify(wish)) => {
  keys += 1;
  return send(create, { method: "POST", body, key: `k${keys}` });
};

const ESC = String.fromCharCode(27);
const bad: [string, string, unknown][] = [
  ["a word for a number", "cpus", "4"],
  ["a fraction of a core", "cpus", 1.5],
  ["no cores", "cpus", 0],
  ["fewer than none", "minutes", -1],
  ["for ever", "minutes", "UNLIMITED"],
  ["a number beyond all", "cpus", 1e300],
  ["nothing", "cpus", null],
  ["a list", "memoryGiB", [1]],
  ["digits of another script", "cpus", "٤"],
  ["an option as a partition", "partition", "--wrap=id"],
  ["an option as an account", "account", "-o x"],
  ["a line break in a name", "name", "hi\n#SBATCH --output=elsewhere"],
  ["a separator of lines in a name", "name", "hi\u2028there"],
  ["an escape in a name", "name", `${ESC}[2J`],
  ["NUL in a name", "name", "a\0b"],
  ["half a character in a name", "name", "\ud800"],
  ["a name without end", "name", "x".repeat(81)],
  ["a way out of the folder", "workdir", "~/../../etc"],
  ["a folder of somebody's", "workdir", "~root"],
  ["a relative folder", "workdir", "-rf"],
  ["a command as a constraint", "constraint", "$(id)"],
  ["a key nobody knows", "ownerId", "somebody"],
];

describe("POST /api/sessions", () => {
  it.each(bad)("refuses %s, naming the field, and makes nothing of it", async (_, field, value) => {
    const before = [await db().session.count(), scheduler.fake.taken.length];
    const { status, answer } = await ask({ ...request(), [field]: value });
    expect({ status, code: answer.code }).toEqual({ status: 400, code: "invalid" });
    expect(answer.fields).toEqual({ [field]: expect.any(String) });
    expect([await db().session.count(), scheduler.fake.taken.length]).toEqual(before);
  });

  it.each(["[rack1|rack2]", "(a100|h100)&nvlink", "[zen3*2&zen4*1]"])(
    "takes %s for a constraint",
    async (constraint) => {
      const { status, answer } = await ask({ ...request(), constraint });
      expect(status, JSON.stringify(answer)).not.toBe(400);
    },
  );

  it("refuses modules by the thousand, and parameters of other kinds", async () => {
    const modules = Array.from({ length: 10_000 }, (_, index) => `m/${index}`);
    const many = await ask({ ...request(), software: { kind: "modules", modules } });
    expect(many.answer).toMatchObject({ code: "invalid", fields: { "software.modules": expect.any(String) } });
    const odd = await ask({ ...request(), parameters: { folder: ["a"], "UPPER=1": "x" } });
    expect(odd.status).toBe(400);
  });

  it.each([
    ['{"__proto__":{"polluted":true}}'],
    [JSON.stringify(request()).replace("{", '{"parameters":{"__proto__":{"polluted":true}},')],
    [JSON.stringify(request()).replace("{", '{"constructor":{"prototype":{"polluted":true}},')],
    [JSON.stringify(request()).replace("{", '{"cpus":64,')],
    ["[]"],
    ["null"],
    ["not json"],
  ])("refuses %s and is none the worse", async (body) => {
    expect((await ask({}, body)).status).toBe(400);
    expect(Reflect.get({}, "polluted")).toBeUndefined();
  });
});

describe("a session of somebody else", () => {
  it("is as little there as one that never was: to look at, to follow, to open, to stop", async () => {
    const made = await send(create, { method: "POST", body: JSON.stringify(request()), key: "mine" });
    expect(made.status).toBe(201);
    const routes: [Route, string][] = [
      [one, "GET"],
      [log, "GET"],
      [ticket, "POST"],
      [stop, "POST"],
    ];
    for (const [route, method] of routes) {
      const answers = [];
      for (const id of [made.answer.id, "aaaaaaaaaaaaaaaa", "not-an-id"]) {
        const { status, answer } = await send(route, { token: tokens.bob, method, params: { id } });
        answers.push(JSON.stringify({ status, ...answer, requestId: null }));
      }
      expect(new Set(answers).size).toBe(1);
      expect(answers[0]).toContain('"status":404');
    }
    expect((await send(list, { token: tokens.bob })).answer.items).toEqual([]);
    expect((await send(one, { params: { id: made.answer.id } })).answer.state).not.toBe("stopping");
  });

  it("may be stopped by an operator, who still cannot open it or read its log", async () => {
    const made = await send(create, { method: "POST", body: JSON.stringify(request()), key: "to-be-stopped" });
    const params = { id: made.answer.id };
    for (const [route, method] of [
      [one, "GET"],
      [log, "GET"],
      [ticket, "POST"],
    ] as [Route, string][]) {
      expect((await send(route, { token: tokens.operator, method, params })).status).toBe(404);
    }
    const stopped = await send(stop, { token: tokens.operator, method: "POST", params });
    expect(stopped.answer.state).toBe("stopping");
  });
});

describe("GET /api/sessions", () => {
  it.each(["?cursor=1.%00", "?cursor=-9e15.aaaaaaaaaaaaaaaa", "?limit=1e9", "?state=none", "?limit=1&limit=2", "?x=1"])(
    "refuses %s",
    async (path) => {
      expect((await send(list, { path })).status).toBe(400);
    },
  );
  it("takes any text as what to search for", async () => {
    for (const text of ["%00", "%25", "%ED%A0%80", "'%3B--"]) {
      expect((await send(list, { path: `?search=${text}` })).status).toBe(200);
    }
  });
});
