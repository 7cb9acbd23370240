import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { forgetOnce } from "@/dev/forget-once";
import { useDatabase } from "@/dev/test-database";
import { bearerOf, signInPerson, type TestPerson } from "@/dev/test-people";
import { useConfig } from "@/dev/test-portal";
import { type Endpoint, endpoints } from "@/lib/endpoints";
import { PortalError } from "@/lib/errors";
import { ADDRESS_HEADER } from "@/lib/http/client-address";
import { route } from "@/lib/route";

const ORIGIN = "http://localhost:3000";
let alice: TestPerson;

useDatabase();

beforeAll(async () => {
  useConfig({ url: ORIGIN });
  alice = await signInPerson("alice");
});

beforeEach(() => forgetOnce("rate:"));

const thing: Endpoint<{ id: string }, { limit: number }, { name: string }, { name: string }, "sessions:write"> = {
  method: "POST",
  path: "/api/things/{id}",
  summary: "A thing",
  scope: "sessions:write",
  params: z.object({ id: z.string().regex(/^[a-z]+$/) }),
  query: z.object({ limit: z.coerce.number().int().min(1).default(1) }),
  body: z.strictObject({ name: z.string().max(10) }),
  answer: z.object({ name: z.string() }),
};

type Sent = { headers?: Record<string, string>; body?: BodyInit | null; query?: string; id?: string; method?: string };

const fromPage = (cookie = alice.cookie) => ({ cookie, "sec-fetch-site": "same-origin", origin: ORIGIN });

async function send(handler: ReturnType<typeof route>, sent: Sent = {}): Promise<Response> {
  const { query = "", id = "a", method = "POST" } = sent;
  const body = /^(GET|HEAD)$/.test(method) ? undefined : (sent.body ?? '{"name":"x"}');
  const headers = { "content-type": "application/json", ...(sent.headers ?? fromPage()) };
  const init = { method, headers, body, duplex: "half" };
  return handler(new Request(`${ORIGIN}/api/things/a${query}`, init), { params: Promise.resolve({ id }) });
}

const echo = route(thing, async ({ body }) => body);

it("has who streams an answer let go of it when only its headers are asked for", async () => {
  const cancel = vi.fn();
  const streaming: Endpoint<null, null, null, { name: string }, "sessions:read"> = {
    ...{ method: "GET", path: "/api/things", summary: "A stream", scope: "sessions:read", answer: thing.answer },
  };
  const handler = route(streaming, async () => new Response(new ReadableStream({ cancel }), { status: 206 }));
  const answer = await send(handler, { method: "HEAD", body: null });
  expect([answer.status, answer.body, cancel.mock.calls.length]).toEqual([206, null, 1]);
});

describe("a well-formed request", () => {
  it("reaches the handler with what the schemas made of it", async () => {
    const handler = vi.fn(async () => ({ name: "x" }));
    await send(route(thing, handler), { query: "?limit=7" });
    const seen = expect.objectContaining({
      params: { id: "a" },
      query: { limit: 7 },
      body: { name: "x" },
      actor: alice.actor,
    });
    expect(handler).toHaveBeenCalledWith(seen);
  });

  it("is answered as the endpoint promises, and with nothing more", async () => {
    const leaky = route(thing, async () => ({ name: "x", passwordHash: "secret" }));
    const response = await send(leaky);
    expect(await response.json()).toEqual({ name: "x" });
    expect(response.status).toBe(200);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(response.headers.get("cross-origin-resource-policy")).toBe("same-origin");
  });

  it("has no body when there is nothing to say", async () => {
    const response = await send(route({ ...thing, status: 204, answer: undefined }, async () => undefined));
    expect([response.status, await response.text()]).toEqual([204, ""]);
  });

  it("may be answered with a response of the handler's own, which keeps its type", async () => {
    const headers = { "content-type": "text/event-stream", "cache-control": "no-transform" };
    const response = await send(route(thing, async () => new Response("data: 1\n\n", { headers })));
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    expect(response.headers.get("cache-control")).toBe("no-transform");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
  });
});

describe("a malformed request", () => {
  const refused = async (sent: Sent, field?: string) => {
    const response = await send(echo, { ...sent, headers: { ...fromPage(), ...sent.headers } });
    expect(response.status).toBe(400);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    const problem = await response.json();
    expect(problem).toMatchObject({ status: 400, code: "invalid", type: "urn:berth:problem:invalid" });
    if (field) expect(Object.keys(problem.fields)).toContain(field);
  };

  it.each([
    ["text/plain"],
    ["application/x-www-form-urlencoded"],
    ["multipart/form-data; boundary=x"],
    ["application/json; charset=utf-16"],
    ["application/jsonp"],
    [""],
  ])("is refused as %s", (type) => refused({ headers: { "content-type": type } }));

  it.each([
    ["no JSON", "{name:x}"],
    ["a list", "[]"],
    ["null", "null"],
    ["an unknown key", '{"name":"x","ownerId":"bob"}'],
    ["a key twice", '{"name":"x","name":"y"}'],
    ["a key twice, spelled differently", '{"name":"x","\\u006eame":"y"}'],
    ["nothing", ""],
  ])("is refused with %s", (_name, body) => refused({ body }));

  it.each([
    '{"name":"x","__proto__":{"polluted":true}}',
    '{"name":"x","\\u005f_proto__":{"polluted":true}}',
    '{"name":"x","constructor":{"prototype":{"polluted":true}}}',
    '{"name":{"__proto__":{"polluted":true}}}',
  ])("P2: is refused with %s, and pollutes nothing", async (body) => {
    await refused({ body });
    expect(Reflect.get({}, "polluted")).toBeUndefined();
  });

  it("says which field is wrong", () => refused({ body: '{"name":"longer than ten"}' }, "name"));

  it("is refused with bytes that are not UTF-8", () => refused({ body: new Uint8Array([0x22, 0xff, 0x22]) }));

  it("is refused beyond 256 KiB, whatever its length says", async () => {
    const body = `{"name":"${"x".repeat(256 * 1024)}"}`;
    await refused({ body });
    const chunks = new ReadableStream({
      start: (stream) => {
        stream.enqueue(Buffer.from(body));
        stream.close();
      },
    });
    await refused({ body: chunks });
  });

  it.each(["?unknown=1", "?limit=1&limit=2", "?__proto__=1", "?limit=0", "?limit=x", "?constructor=1"])(
    "is refused with the query %s",
    (query) => refused({ query }),
  );

  it("is about nothing when its id is malformed", async () => {
    expect((await send(echo, { id: "../x" })).status).toBe(404);
  });

  it("with a body where none is expected is refused unless it is an empty object", async () => {
    const handler = route({ ...thing, body: undefined }, async () => ({ name: "x" }));
    expect((await send(handler, { body: '{"a":1}' })).status).toBe(400);
    expect((await send(handler, { body: "{}" })).status).toBe(200);
    expect((await send(handler, { body: "" })).status).toBe(200);
  });
});

describe("who asks", () => {
  it("must be signed in", async () => {
    const response = await send(echo, { headers: { ...fromPage("") } });
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toBe("Bearer");
  });

  it("may be a token, wherever its request comes from", async () => {
    const authorization = await bearerOf(alice);
    const response = await send(echo, { headers: { authorization, "sec-fetch-site": "cross-site" } });
    expect(response.status).toBe(200);
  });

  it("is nobody with a bad token, even beside a good cookie", async () => {
    const response = await send(echo, { headers: { ...fromPage(), authorization: `Bearer berth_${"x".repeat(43)}` } });
    expect(response.status).toBe(401);
  });

  it("is who the cookie says beside what a proxy in front asked for", async () => {
    const authorization = "Basic YWxpY2U6eA==";
    expect((await send(echo, { headers: { ...fromPage(), authorization } })).status).toBe(200);
    const elsewhere = { ...fromPage(), authorization, "sec-fetch-site": "cross-site" };
    expect((await send(echo, { headers: elsewhere })).status).toBe(403);
  });

  it("needs a token with the endpoint's scope", async () => {
    const authorization = await bearerOf(alice, ["sessions:read"]);
    const response = await send(echo, { headers: { authorization } });
    expect(response.status).toBe(403);
    expect((await response.json()).detail).toContain("sessions:write");
  });

  it("may be nobody where no scope is needed, and is known all the same", async () => {
    const open = { ...endpoints.health, answer: z.object({ who: z.string().nullable() }) };
    const handler = route(open, async ({ actor }) => ({ who: actor?.userId ?? null }));
    const ask = (cookie: string) =>
      send(handler, { method: "GET", headers: { cookie } }).then((answer) => answer.json());
    expect(await ask("")).toEqual({ who: null });
    expect(await ask(alice.cookie)).toEqual({ who: alice.actor.userId });
  });
});

describe("P5: too many requests", () => {
  const few = { ...thing, perMinute: 3 };

  it("are refused per person, with the time to wait, and do not count for others", async () => {
    const handler = route(few, async ({ body }) => body);
    const bob = await signInPerson("bob");
    const statuses = [];
    for (let tried = 0; tried < 4; tried += 1) statuses.push((await send(handler)).status);
    expect(statuses).toEqual([200, 200, 200, 429]);
    const response = await send(handler);
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await response.json()).code).toBe("too_many");
    expect((await send(handler, { headers: fromPage(bob.cookie) })).status).toBe(200);
  });

  it("are refused per address when nobody is signed in", async () => {
    const handler = route(few, async ({ body }) => body);
    const from = (address: string) => send(handler, { headers: { ...fromPage(""), [ADDRESS_HEADER]: address } });
    const statuses = [];
    for (let tried = 0; tried < 4; tried += 1) statuses.push((await from("192.0.2.1")).status);
    expect(statuses).toEqual([401, 401, 401, 429]);
    expect((await from("192.0.2.2")).status).toBe(401);
  });
});

describe("a fault", () => {
  const failing = (error: unknown) =>
    send(
      route(thing, async () => {
        throw error;
      }),
    );

  it("unknown to us is internal, and leaks nothing", async () => {
    const response = await failing(new Error("password=hunter2 at /srv/portal"));
    const text = await response.text();
    expect(response.status).toBe(500);
    expect(text).not.toMatch(/hunter2|srv/);
    const problem = JSON.parse(text);
    expect(problem.requestId).toBe(response.headers.get("x-request-id"));
  });

  it("keeps code, sentence, fields and the scheduler's words", async () => {
    const words = "sbatch: error: Invalid account";
    const response = await failing(
      new PortalError("denied", "Not with that account.", { fields: { account: "No." }, words }),
    );
    expect(response.status).toBe(422);
    const expected = {
      title: "Denied by policy",
      code: "denied",
      detail: "Not with that account.",
      fields: { account: "No." },
      words,
    };
    expect(await response.json()).toMatchObject(expected);
  });

  it("that something is not there is the same as that it is not yours", async () => {
    const bodies = [];
    for (const error of [
      new PortalError("not_found", "There is no session a."),
      new PortalError("not_found", "That is bob's."),
    ]) {
      const { requestId, ...rest } = await (await failing(error)).json();
      expect(requestId).toBeTruthy();
      bodies.push(rest);
    }
    expect(bodies[0]).toEqual(bodies[1]);
  });

  it("in what a handler answers is ours, not the caller's", async () => {
    // A handler whose answer is not what it promised, which types alone would not let us write.
    const broken = route(thing, async () => JSON.parse("{}"));
    expect((await send(broken)).status).toBe(500);
  });
});
