// What a request may not say: whose a thing is, what runs, which limit holds. And what it may not reach: the prototype that
// every object of the server shares.
import { randomUUID } from "node:crypto";
import { afterAll, expect, it } from "vitest";
import { smallFolder, stopAll } from "@/e2e/api";
import { accepted, ask, create, expectRefused, post } from "@/e2e/attacks/ground";
import { apiAs, inDatabase, send } from "@/e2e/attacks/site";
import type { RequestPreview } from "@/lib/sessions/schema";

const who = "bob";
const plain = smallFolder("hpc");
const sessionCount = async () => (await inDatabase<{ count: string }>(`SELECT count(*) FROM "Session"`))[0]?.count;

afterAll(() => stopAll(apiAs(who)));

it.each([
  ...[
    "ownerId",
    "owner",
    "userId",
    "user",
    "unixAccount",
    "uid",
    "id",
    "tag",
    "state",
    "jobId",
    "directory",
    "scratch",
  ],
  ...["script", "files", "environment", "env", "export", "command", "wrap", "argv", "output", "comment", "jobName"],
  ...[
    "limitMinutes",
    "extendFactor",
    "templateVersion",
    "auth",
    "limits",
    "quota",
    "idempotencyKey",
    "template.script",
  ],
])("A5 refuses a session with the hidden field %s", async (field) => {
  // The same schema as for POST /api/sessions, where a person may ask less often.
  expectRefused(await post(who, "/api/sessions/preview", { body: { ...plain, [field]: "alice" } }), field);
});

it.each([
  ["a template with a script", { template: { name: "web-folder", script: "id" } }, "template"],
  ["a cluster with a host", { cluster: { name: "hpc", host: "127.0.0.1" } }, "cluster"],
  ["software with more in it", { software: { kind: "host", script: "id" } }, "software"],
  ["a parameter that the template has not", { parameters: { script: "id" } }, "parameters"],
  ["a list for a parameter", { parameters: { folder: ["/tmp", "/"] } }, "parameters"],
  ["an object for a name", { name: { toString: "x" } }, "name"],
  ["an account of other people", { account: "genomics" }, "account"],
  ["an account that nobody has", { account: "root" }, "account"],
  ["a QOS that is not theirs", { qos: "unlimited" }, "qos"],
  ["a partition for other accounts", { partition: "restricted" }, "partition"],
  ["more than the template allows", { cpus: 64 }, "cpus"],
])("A5 refuses %s, and says so in words", async (_what, more, field) => {
  const reply = await create(who, { ...plain, ...more });
  expectRefused(reply, field);
  expect(JSON.parse(reply.body).detail).toMatch(/\w+ .*\.$/);
});

it.each([
  ["a list", [plain]],
  ["a text", "x"],
  ["a number", 1],
  ["null", null],
  ["nothing at all", ""],
])("A5 refuses %s for a body", async (_what, body) => {
  expectRefused(await create(who, body === "x" ? '"x"' : body));
});

it("A5 a session is whose the token is, whatever headers and query say", async () => {
  const [alice] = await inDatabase<{ id: string }>(`SELECT id FROM "User" WHERE subject = 'alice'`);
  const headers = {
    "idempotency-key": randomUUID(),
    "x-forwarded-user": "alice",
    "x-remote-user": "alice",
    "x-berth-user": alice?.id ?? "",
    "x-berth-actor": alice?.id ?? "",
  };
  expectRefused(await post(who, `/api/sessions?ownerId=${alice?.id}`, { body: plain, headers }));
  const { id, unixAccount } = accepted(await post(who, "/api/sessions", { body: plain, headers }));
  expect(unixAccount).toBe(who);
  expect((await ask("alice", `/api/sessions/${id}`)).status).toBe(404);
});

it.each([
  ["a user", { userId: "alice" }],
  ["a secret of one's choice", { secret: "berth_chosen" }],
  ["an end of one's choice", { expiresAt: "2100-01-01T00:00:00Z" }],
  ["roles", { roles: ["admin"] }],
  ["a scope that there is not", { scopes: ["*"] }],
  ["a hundred years", { days: 36_500 }],
])("A5 refuses a token with %s", async (_what, more) => {
  const body = { name: "x", scopes: ["sessions:read"], days: 1, ...more };
  expectRefused(await post(who, "/api/tokens", { body }), Object.keys(more)[0]);
});

/** If any of these reached Object.prototype, later requests would run with it. */
const polluted = `{"polluted":"yes","partition":"polluted","name":"polluted","roles":["admin"],"limit":1}`;
const fields = JSON.stringify(plain).slice(1);
const spellings = {
  "its name": `{"__proto__":${polluted},${fields}`,
  "its name, escaped": `{"\\u005f_proto__":${polluted},${fields}`,
  "a constructor": `{"constructor":{"prototype":${polluted}},${fields}`,
  "a parameter": `{"parameters":{"__proto__":${polluted}},${fields}`,
  "a parameter's constructor": `{"parameters":{"constructor":{"prototype":${polluted}}},${fields}`,
  software: `{"software":{"kind":"host","__proto__":${polluted}},${fields}`,
  "a second spelling of a key": `{"name":"a","n\\u0061me":"b",${fields}`,
  "a list": `[{"__proto__":${polluted}}]`,
};
const queries = [
  "__proto__[partition]=polluted",
  "__proto__.partition=polluted",
  "constructor[prototype][partition]=polluted",
];

/** What the server makes of a request that says nothing special. */
async function ordinary(): Promise<RequestPreview> {
  const { status, body } = await post(who, "/api/sessions/preview", { body: plain });
  expect(status, body).toBe(200);
  // The endpoint's schema made it.
  return JSON.parse(body) as RequestPreview;
}

it.each(Object.entries(spellings))("P2 refuses a body that reaches for the prototype by %s", async (_how, body) => {
  const before = await ordinary();
  for (const path of ["/api/sessions/preview", "/api/sessions"])
    expectRefused(await post(who, path, { body, headers: { "idempotency-key": randomUUID() } }));
  expect(await ordinary()).toEqual(before);
});

it.each(queries)("P2 refuses or ignores the query and the form %s", async (query) => {
  const before = await ordinary();
  expectRefused(await ask(who, `/api/sessions?${query}`));
  const form = { "content-type": "application/x-www-form-urlencoded" };
  for (const path of ["/api/auth/signin/oidc", "/api/auth/callback/oidc", "/api/sessions", "/api/sign-out"])
    expect((await send(path, { method: "POST", headers: form, body: query })).status).toBeLessThan(500);
  for (const page of ["/sessions", "/launch/web-folder", "/sign-in"])
    expect((await send(`${page}?${query}`)).status).toBeLessThan(500);
  expect(await ordinary()).toEqual(before);
  expect((await apiAs(who).must<{ roles: string[] }>("/api/me")).roles).toEqual(["researcher"]);
});

it("P2 claims called __proto__ and constructor give nobody a role", async () => {
  expect((await apiAs("dora").must<{ roles: string[] }>("/api/me")).roles).toEqual(["researcher"]);
});

it("A5 a field too many makes no session", async () => {
  const before = await sessionCount();
  expectRefused(await create(who, { ...plain, ownerId: "alice" }), "ownerId");
  expectRefused(await create(who, { ...plain, template: { name: "web-folder", script: "id" } }), "template");
  expect(await sessionCount()).toBe(before);
});
