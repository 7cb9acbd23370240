// B7: requests that another site's page, an app on a sibling host, or a document without an origin makes a signed-in
// browser send. Every changing endpoint, generated from lib/endpoints.ts; nothing may change.
import { beforeAll, describe, expect, it } from "vitest";
import { pathOf, type Sample, samples } from "@/e2e/attacks/access-table";
import { browserOf, ownAddress, sendFrom } from "@/e2e/attacks/from-address";
import { plantPerson, plantSession, plantTerminal, plantToken, plantUpload } from "@/e2e/attacks/planted-rows";
import { appHost, cookieHeader, inDatabase, siteUnderTest } from "@/e2e/attacks/site";
import { type Endpoint, endpoints } from "@/lib/endpoints";

const localAddress = ownAddress();
const { url } = siteUnderTest();
const { origin, port } = new URL(url);
// The table holds endpoints of many types; the matrix reads only what they have in common.
const changing = (Object.entries(endpoints) as [string, Endpoint][]).filter(
  ([, { method }]) => method !== "GET" && method !== "HEAD",
);

let cookie: string;
let session: string;
const ids = { session: "", token: "", person: "", terminal: "", upload: "" };

beforeAll(async () => {
  cookie = cookieHeader(await browserOf("admin"));
  session = await plantSession("admin");
  Object.assign(ids, { terminal: await plantTerminal("admin"), upload: await plantUpload("admin") });
  Object.assign(ids, { session, token: (await plantToken("admin")).id });
  ids.person = await plantPerson(`bystander-${ids.token.slice(0, 8)}`);
});

const json = { "content-type": "application/json" };
const form = { "content-type": "application/x-www-form-urlencoded" };
const own = { origin, "sec-fetch-site": "same-origin" };

type Forged = { headers: Record<string, string>; status: number };

/** What browsers, and old browsers, send along with a request that a page of ours did not begin. */
const forgeries: Record<string, Forged> = {
  "from another site": {
    headers: { ...json, origin: "https://evil.example", "sec-fetch-site": "cross-site" },
    status: 403,
  },
  "from another site that hides": { headers: { ...json, "sec-fetch-site": "cross-site" }, status: 403 },
  "from an app on a sibling host": {
    headers: { ...json, origin: `http://${appHost("abcdefghijklmnop")}`, "sec-fetch-site": "same-site" },
    status: 403,
  },
  "from a sibling host, own Origin claimed": {
    headers: { ...json, origin, "sec-fetch-site": "same-site" },
    status: 403,
  },
  "from a foreign origin, own site claimed": {
    headers: { ...json, origin: "https://evil.example", "sec-fetch-site": "same-origin" },
    status: 403,
  },
  "from a typed address": { headers: { ...json, "sec-fetch-site": "none" }, status: 403 },
  "from a sandboxed frame": { headers: { ...json, origin: "null", "sec-fetch-site": "cross-site" }, status: 403 },
  "from an old browser's sandboxed frame": { headers: { ...json, origin: "null" }, status: 403 },
  "from an old browser": { headers: { ...json, origin: "https://evil.example" }, status: 403 },
  "from a browser that says nothing": { headers: { ...json }, status: 403 },
  "from a browser that says only Referer": { headers: { ...json, referer: `${origin}/` }, status: 403 },
  "from the portal's host by another port": { headers: { ...json, origin: origin.replace(port, "1") }, status: 403 },
  "from the portal's host by another scheme": {
    headers: { ...json, origin: origin.replace("http:", "https:") },
    status: 403,
  },
  "from a host that begins like ours": { headers: { ...json, origin: `${origin}.evil.example` }, status: 403 },
  "from two origins": { headers: { ...json, origin: `${origin} https://evil.example` }, status: 403 },
  "with no proof but a header of habit": { headers: { ...json, "x-requested-with": "XMLHttpRequest" }, status: 403 },
  "as a form": { headers: { ...form, "sec-fetch-site": "cross-site", origin: "https://evil.example" }, status: 403 },
  "as JSON in plain text": { headers: { "content-type": "text/plain", "sec-fetch-site": "cross-site" }, status: 403 },
  // Even from our own origin a body counts only as what no plain form can send.
  "as our own form": { headers: { ...form, ...own }, status: 400 },
  "as our own upload": { headers: { "content-type": "multipart/form-data; boundary=x", ...own }, status: 400 },
  "as our own plain text": { headers: { "content-type": "text/plain", ...own }, status: 400 },
  "as our own JSON of no type": { headers: { ...own }, status: 400 },
};

const state = () =>
  inDatabase(
    `select (select count(*) from "Session") as sessions, (select count(*) from "Token") as tokens,
       (select count(*) from "Token" where "revokedAt" is not null) as revoked,
       (select count(*) from "User" where "disabledAt" is not null) as disabled,
       (select count(*) from "Login" where "endedAt" is not null) as ended,
       (select count(*) from "Ticket") as tickets,
       (select count(*) from "Terminal") as terminals,
       (select string_agg(name || state, ' ') from "Terminal" where id = '${ids.terminal}') as terminal,
       (select count(*) from "Upload") as uploads,
       (select concat("finishedAt", "lastActivityAt") from "Upload" where id = '${ids.upload}') as upload,
       (select count(*) from "TerminalTicket") as keys,
       (select count(*) from "Session" where "stopRequestedAt" is not null) as stopped,
       (select count(*) from "Event" where "actorId" = (select id from "User" where subject = 'admin')) as events`,
  );

function forge([name, endpoint]: [string, Endpoint], headers: Record<string, string>, more = {}) {
  const sample = samples[name] as Sample; // access-matrix.attack.ts says when one is missing.
  const address = new URL(pathOf(endpoint, sample, ids), url);
  // A body of any kind, also where none belongs: it is what makes the type matter.
  const body = Buffer.from(JSON.stringify(sample.body ?? {}));
  const all = { cookie, "idempotency-key": "forged", ...headers };
  return sendFrom(address, { method: endpoint.method, headers: all, body, localAddress, ...more });
}

describe.each(changing)("%s", (name, endpoint) => {
  const title = `${endpoint.method} ${endpoint.path}`;

  it.each(Object.entries(forgeries))(`B7 ${title} %s changes nothing`, async (_how, { headers, status }) => {
    const before = await state();
    const answer = await forge([name, endpoint], headers);
    // What takes bytes of any type refuses for want of its own headers instead.
    const refusals = status === 400 && endpoint.bodyMedia ? [400, 404, 412, 415, 428] : [status];
    expect(refusals, await answer.text()).toContain(answer.status);
    expect(answer.headers.get("access-control-allow-origin")).toBeNull();
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(await state()).toEqual(before);
  });

  it(`B7 ${title} is not done by reading it, whatever method a header claims`, async () => {
    const before = await state();
    for (const method of ["GET", "HEAD", "OPTIONS", "PUT", "PATCH"]) {
      const pretend = { "x-http-method-override": endpoint.method, "x-http-method": endpoint.method };
      const address = new URL(pathOf(endpoint, samples[name] as Sample, ids), url);
      address.searchParams.set("_method", endpoint.method);
      const answer = await sendFrom(address, { method, headers: { cookie, ...own, ...pretend }, localAddress });
      // 400: an endpoint that is also read knows no parameter _method. 204: OPTIONS tells which methods there are.
      expect([204, 400, 404, 405]).toContain(answer.status);
      expect(answer.headers.get("access-control-allow-origin")).toBeNull();
      expect(answer.headers.get("access-control-allow-methods")).toBeNull();
    }
    expect(await state()).toEqual(before);
  });
});

it("B7 the same request from the portal's own page is done, so the rows above are refused for what they forge", async () => {
  const stop = ["stopSession", endpoints.stopSession as Endpoint] as [string, Endpoint];
  expect((await forge(stop, { ...json, ...own })).status).toBe(200);
});

it.each(["cross-site", "same-site"])(
  "B7 reading with a login is refused from elsewhere (%s), where a script could time it",
  async (site) => {
    const answer = await sendFrom(new URL("/api/me", url), {
      headers: { cookie, "sec-fetch-site": site },
      localAddress,
    });
    expect(answer.status).toBe(403);
  },
);

const beginnings: Record<string, string>[] = [
  { "sec-fetch-site": "cross-site" },
  { origin: "https://evil.example" },
  { origin: "null" },
  {},
];

it.each(beginnings)("B7 signing in is not begun by another site's form: %j", async (headers) => {
  const body = Buffer.from("callbackUrl=%2F");
  const address = new URL("/api/auth/signin/oidc", url);
  const answer = await sendFrom(address, { method: "POST", headers: { ...form, ...headers }, body, localAddress });
  expect([answer.status, answer.headers.getSetCookie()]).toEqual([403, []]);
});
