// B8 and its neighbours: every endpoint as everybody who might ask, generated from lib/endpoints.ts, so that a new
// endpoint is in the matrix or turns a row red.
import { randomBytes } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { expectedStatus, type Ids, pathOf, type Sample, samples, type Who } from "@/e2e/attacks/access-table";
import { browserOf, ownAddress, sendFrom } from "@/e2e/attacks/from-address";
import {
  plantPerson,
  plantSession,
  plantTerminal,
  plantToken,
  plantUpload,
  shutOut,
  userId,
} from "@/e2e/attacks/planted-rows";
import { cookieHeader, inDatabase, siteUnderTest } from "@/e2e/attacks/site";
import { roles, scopes } from "@/lib/auth/schema";
import { type Endpoint, endpoints } from "@/lib/endpoints";
import { api as paths } from "@/lib/paths";

const localAddress = ownAddress();
// The table holds endpoints of many types; the matrix reads only what they have in common.
const all = Object.entries(endpoints) as [string, Endpoint][];
const people = new Map<string, Who>();
let ids: Ids;

const nobody = { isKnown: false, roles: [], scopes: [] };
const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });
const somebody = { isKnown: true, hasAccount: true, roles: [roles[0]], scopes };

const names = [
  "anonymous",
  "the owner",
  "another person",
  "an operator",
  "an administrator",
  ...["an expired token", "a revoked token", "a disabled person's token", "a made-up token"],
  ...["a disabled person's login", "an ended login", "a made-up cookie", "a bad token beside a good cookie"],
];

const add = (who: Who) => people.set(who.name, who);

async function addLogins(): Promise<void> {
  const loginOf = async (subject: string) => ({ cookie: cookieHeader(await browserOf(subject)) });
  add({ name: "the owner", ...somebody, headers: await loginOf("alice"), isOwner: true });
  const bob = await loginOf("bob");
  add({ name: "another person", ...somebody, headers: bob });
  for (const [name, subject, role] of [
    ["an operator", "olga", "operator"],
    ["an administrator", "admin", "admin"],
  ] as const)
    add({ name, ...somebody, headers: await loginOf(subject), roles: [roles[0], role], hasAccount: false });
  const ended = await browserOf("carol");
  add({ name: "an ended login", ...nobody, headers: { cookie: cookieHeader(ended) } });
  await ended.post("/api/sign-out", undefined);
  add({ name: "a made-up cookie", ...nobody, headers: { cookie: bob.cookie.replace(/.{40}$/, "x".repeat(40)) } });
  add({ name: "a bad token beside a good cookie", ...nobody, headers: { ...bob, ...bearer("berth_nonsense") } });
  const nora = await loginOf("nora");
  await shutOut("nora");
  add({ name: "a disabled person's login", ...nobody, headers: nora });
}

async function addTokens(): Promise<void> {
  const gone = `gone-${randomBytes(4).toString("hex")}`;
  await plantPerson(gone, { isDisabled: true });
  const withToken = async (name: string, subject: string, flaws = {}) =>
    add({ name, ...nobody, headers: bearer((await plantToken(subject, flaws)).secret) });
  await withToken("an expired token", "alice", { isExpired: true });
  await withToken("a revoked token", "alice", { isRevoked: true });
  await withToken("a disabled person's token", gone);
  add({ name: "a made-up token", ...nobody, headers: bearer(`berth_${randomBytes(32).toString("base64url")}`) });
  for (const missing of scopes) {
    const kept = scopes.filter((scope) => scope !== missing);
    const { secret } = await plantToken("alice", { scopes: kept });
    const who = { ...somebody, scopes: kept, roles: [...roles], isOwner: true };
    add({ name: `a token without ${missing}`, ...who, headers: bearer(secret) });
  }
}

/** An upload that is over answers its owner without the cluster; one that is not is what others might go on with. */
const newIds = async ({ isFinished = true } = {}): Promise<Ids> => ({
  session: await plantSession("alice"),
  token: (await plantToken("alice")).id,
  terminal: await plantTerminal("alice"),
  upload: await plantUpload("alice", { isFinished }),
  person: await plantPerson(`victim-${randomBytes(4).toString("hex")}`),
});

beforeAll(async () => {
  add({ name: "anonymous", ...nobody, headers: {} });
  await addLogins();
  await addTokens();
  ids = await newIds({ isFinished: false });
});

function ask(endpoint: Endpoint, sample: Sample, { headers, target }: { headers: Who["headers"]; target: Ids }) {
  const { method } = endpoint;
  const body = method === "GET" || sample.body === undefined ? undefined : Buffer.from(JSON.stringify(sample.body));
  const type: Record<string, string> = body ? { "content-type": "application/json" } : {};
  const all = { "sec-fetch-site": "same-origin", ...type, ...sample.headers, ...headers };
  const url = new URL(pathOf(endpoint, sample, target), siteUnderTest().url);
  return sendFrom(url, { method, headers: all, body, localAddress });
}

/** Of somebody who may, on something that nobody else needs: another login, another object. */
async function askForGood(name: string, endpoint: Endpoint, who: Who) {
  const sample = samples[name] as Sample; // The first row says that every endpoint has one.
  const mayEnd = endpoint.method !== "GET" && expectedStatus(endpoint, sample, who) === sample.passes;
  const target = mayEnd ? await newIds() : ids;
  const headers =
    name === "signOut" && mayEnd && who.isKnown ? { cookie: cookieHeader(await browserOf("carol")) } : who.headers;
  return ask(endpoint, sample, { headers, target });
}

const unchanged = {
  ...{ state: "ready", stopRequestedAt: null, revokedAt: null, terminal: "Private to alice", shell: "new" },
  ...{ finishedAt: null, isAsBegun: true },
};
const untouched = () =>
  inDatabase(
    `select s.state, s."stopRequestedAt", t."revokedAt", l.name as terminal, l.state as shell,
       u."finishedAt", u."lastActivityAt" = u."createdAt" as "isAsBegun"
     from "Session" s, "Token" t, "Terminal" l, "Upload" u where s.id = $1 and t.id = $2 and l.id = $3 and u.id = $4`,
    [ids.session, ids.token, ids.terminal, ids.upload],
  );

it("B8 every endpoint is in the matrix", () => {
  expect(all.map(([name]) => name).filter((name) => !samples[name])).toEqual([]);
});

describe.each(all)("%s", (name, endpoint) => {
  const title = `${endpoint.method} ${endpoint.path}`;
  const missing = endpoint.scope === null ? [] : [`a token without ${endpoint.scope}`];

  it.each([...names, ...missing])(`B8 ${title} as %s`, async (whoName) => {
    const who = people.get(whoName);
    const sample = samples[name];
    if (!who || !sample) throw new Error(`${name} or ${whoName} is not in the matrix.`);
    const answer = await askForGood(name, endpoint, who);
    const text = await answer.text();
    expect(answer.status, text).toBe(expectedStatus(endpoint, sample, who));
    if (who.isOwner || (sample.staffMay && answer.ok)) return;
    // Whoever is not the owner learns nothing of what is the owner's, not even in a list or an error, and changes nothing.
    expect(text).not.toMatch(new RegExp(`${ids.session}|${ids.token}|${ids.terminal}|${ids.upload}|Private to alice`));
    if (sample.isPersonal) expect(await untouched()).toEqual([unchanged]);
    if (answer.status === 401) expect(answer.headers.get("www-authenticate")).toBe("Bearer");
  });
});

it("B8 GET /api/events tells a person of what is theirs, and of nothing else", async () => {
  const stop = new AbortController();
  const headers = bearer((await plantToken("bob")).secret);
  const stream = await fetch(new URL(paths.events(), siteUnderTest().url), { headers, signal: stop.signal });
  const own = await plantSession("bob");
  const tell = async (who: string, id: string) => {
    const change = { kind: "session", id, ownerId: await userId(who) };
    await inDatabase("select pg_notify('berth_changes', $1)", [JSON.stringify(change)]);
  };
  await tell("alice", ids.session);
  await tell("bob", own);
  let heard = "";
  // In the order in which they were told.
  for await (const piece of stream.body ?? []) {
    heard += Buffer.from(piece).toString();
    if (heard.includes(own)) break;
  }
  stop.abort();
  expect(heard).toContain(own);
  expect(heard).not.toContain(ids.session);
});

const personal = all.filter(([name]) => samples[name]?.isPersonal);

/** What an answer says, without what differs from answer to answer. */
async function said(answer: Response) {
  const headers = [...answer.headers].filter(
    ([name]) => !["date", "x-request-id", "content-security-policy"].includes(name),
  );
  const text = (await answer.text()).replace(/"requestId":"[0-9a-f-]{36}"/, '"requestId":""');
  return { status: answer.status, headers, text };
}

it.each(personal)("B8 %s: not yours, never was and malformed answer the same bytes", async (name, endpoint) => {
  const sample = samples[name] as Sample; // It is in `personal` for what its sample says.
  const headers = people.get("another person")?.headers ?? {};
  const look = async (target: Partial<Ids>) =>
    said(await ask(endpoint, sample, { headers, target: { ...ids, ...target } }));
  const notYours = await look({});
  expect(notYours.status).toBe(404);
  const never = {
    session: "z000000000000000",
    token: "00000000-0000-4000-8000-000000000000",
    terminal: "0".repeat(32),
    upload: "0".repeat(32),
  };
  expect(await look(never)).toEqual(notYours);
  const malformed = { session: "<script>", token: "no such token", terminal: "<script>", upload: "<script>" };
  expect(await look(malformed)).toEqual(notYours);
});
