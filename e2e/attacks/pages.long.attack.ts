// B8, B10, P1: every file under app/, found by walking it, as everybody who might ask; and that Next serves nothing beside.
// Berth has no middleware or proxy file: all of this, and the whole access matrix, holds without one.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { frameable } from "@/e2e/attacks/frameable";
import { browserOf, ownAddress, sendFrom } from "@/e2e/attacks/from-address";
import { plantSession, plantTerminal, plantToken, shutOut } from "@/e2e/attacks/planted-rows";
import { cookieHeader, send, siteUnderTest } from "@/e2e/attacks/site";
import { scopes } from "@/lib/auth/schema";
import { endpoints } from "@/lib/endpoints";

const localAddress = ownAddress();
const release = join(dirname(siteUnderTest().data), "release");
const files = readdirSync("app", { recursive: true, encoding: "utf8", withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name));

/** Files that answer nothing by themselves. */
const silent = /\/(layout|error|global-error|not-found|loading)\.tsx$|\/globals\.css$/;
/** The sign-in protocol's; everything else under app/api is in lib/endpoints.ts. */
const protocol = "/api/auth/[...step]";

/** app/(portal)/sessions/[id]/page.tsx -> /sessions/[id] */
const routeOf = (file: string): string =>
  `/${dirname(file)
    .split("/")
    .slice(1)
    .filter((part) => !/^\(.*\)$/.test(part))
    .join("/")}`;
const pages = files.filter((file) => file.endsWith("/page.tsx")).map(routeOf);
const handlers = files.filter((file) => file.endsWith("/route.ts")).map(routeOf);

/** Pages for people who are not signed in. */
const open = ["/sign-in"];

/** By noun, as pages are: what is alice's, and what never was. */
let hers: { sessions: string; terminals: string };
const never = { sessions: "z000000000000000", terminals: "0".repeat(32) };
const people = new Map<string, Record<string, string>>();

beforeAll(async () => {
  hers = { sessions: await plantSession("alice"), terminals: await plantTerminal("alice") };
  const cookie = async (who: string) => ({ cookie: cookieHeader(await browserOf(who)) });
  const bearer = async (flaws: object) => ({ authorization: `Bearer ${(await plantToken("alice", flaws)).secret}` });
  const ended = await browserOf("carol");
  people.set("an ended login", { cookie: cookieHeader(ended) });
  await ended.post("/api/sign-out", undefined);
  people.set("anonymous", {});
  people.set("an expired token", await bearer({ isExpired: true }));
  people.set("a revoked token", await bearer({ isRevoked: true }));
  people.set("bob", await cookie("bob"));
  people.set("alice", await cookie("alice"));
  people.set("a disabled person's login", await cookie("nora"));
  await shutOut("nora");
  people.set("a token for everything", await bearer({}));
  for (const scope of scopes) people.set(`a token for ${scope} alone`, await bearer({ scopes: [scope] }));
});

const strangers = [
  ...["anonymous", "an expired token", "a revoked token", "an ended login"],
  "a disabled person's login",
];

const addressOf = (page: string, ids = hers): string =>
  page.replace("[id]", page.startsWith("/terminals") ? ids.terminals : ids.sessions).replace("[template]", "jupyter");

const ask = (path: string, headers: Record<string, string> = {}) =>
  sendFrom(new URL(path, siteUnderTest().url), { headers, localAddress });

describe("the files under app/", () => {
  it("B10 are pages, endpoints of the table, or silent: no kind of file that Next serves is new here", () => {
    const known = new Set(Object.values(endpoints).map(({ path }) => path.replaceAll("{", "[").replaceAll("}", "]")));
    const unknown = files.filter((file) => {
      const route = routeOf(file);
      return !(
        file.endsWith("/page.tsx") ||
        silent.test(file) ||
        (handlers.includes(route) && (known.has(route) || route === protocol))
      );
    });
    expect(unknown).toEqual([]);
  });

  it("B10 are all that the build serves", () => {
    const manifest = JSON.parse(readFileSync(join(release, ".next/app-path-routes-manifest.json"), "utf8"));
    const served = new Set<unknown>(Object.values(manifest));
    expect(
      [...served].filter((route) => ![...pages, ...handlers, "/_not-found", "/_global-error"].includes(String(route))),
    ).toEqual([]);
    const old = JSON.parse(readFileSync(join(release, ".next/server/pages-manifest.json"), "utf8"));
    expect(
      Object.keys(old).filter((route) => !["/_app", "/_error", "/_document", "/404", "/500"].includes(route)),
    ).toEqual([]);
  });

  it("B10 have no middleware or proxy in front of them, in the sources and in the build", () => {
    const names = ["middleware", "proxy", "instrumentation"].flatMap((name) => [name, `src/${name}`]);
    const there = names
      .flatMap((name) => ["ts", "tsx", "js", "jsx", "mjs"].map((kind) => `${name}.${kind}`))
      .filter((file) => existsSync(file));
    expect(there).toEqual([]);
    const manifest = JSON.parse(readFileSync(join(release, ".next/server/middleware-manifest.json"), "utf8"));
    expect([manifest.middleware, manifest.functions]).toEqual([{}, {}]);
  });

  it("B10 P10 have no server action", () => {
    const manifest = JSON.parse(readFileSync(join(release, ".next/server/server-reference-manifest.json"), "utf8"));
    expect([manifest.node, manifest.edge]).toEqual([{}, {}]);
  });
});

/** What layouts render around a page says nothing of it. */
const layouts = files
  .filter((file) => file.endsWith("/layout.tsx"))
  .map((file) => readFileSync(file, "utf8"))
  .join("\n");

/** As a browser's router asks for a page: Next leads to the address that belongs to these headers. */
async function askRouter(path: string, headers: Record<string, string>): Promise<string> {
  const first = await ask(path, headers);
  const location = first.headers.get("location");
  return (location?.includes("_rsc") ? await ask(location, headers) : first).text();
}

const tree = (page: string) =>
  encodeURIComponent(
    JSON.stringify([
      "",
      { children: ["(portal)", { children: [page.slice(1) || "__PAGE__", {}, null, "refetch"] }] },
      null,
      null,
    ]),
  );

/** Ways around a gate that were open in some version of some framework. */
const detours: [string, (page: string) => { path: string; headers?: Record<string, string> }][] = [
  [
    "the middleware's own header",
    (path) => ({
      path,
      headers: { "x-middleware-subrequest": "middleware:middleware:middleware:middleware:middleware" },
    }),
  ],
  [
    "another middleware header",
    (path) => ({
      path,
      headers: { "x-middleware-invoke": "1", "x-middleware-next": "1", "x-middleware-rewrite": path },
    }),
  ],
  [
    "an invocation header",
    (path) => ({
      path: "/sign-in",
      headers: { "x-invoke-path": path, "x-matched-path": path, "x-now-route-matches": "1" },
    }),
  ],
  [
    "a rewrite header",
    (path) => ({ path: "/sign-in", headers: { "x-rewrite-url": path, "x-original-url": path, "x-nextjs-data": "1" } }),
  ],
  [".rsc", (path) => ({ path: `${path === "/" ? "/index" : path}.rsc` })],
  [".txt", (path) => ({ path: `${path === "/" ? "/index" : path}.txt` })],
  [".segments", (path) => ({ path: `${path === "/" ? "/index" : path}.segments/_tree.segment.rsc` })],
  ["_next/data", (path) => ({ path: `/_next/data/build/${path === "/" ? "index" : path.slice(1)}.json` })],
  [
    "injected parameters",
    (path) => ({ path: `${path}?nxtPid=x&nxtItemplate=x&__nextLocale=en&__nextDataReq=1&_nextRequest=1` }),
  ],
  ["a dot segment", (path) => ({ path: `/sign-in/..${path}` })],
  ["an encoded dot segment", (path) => ({ path: `/sign-in/%2e%2e${path}` })],
  [
    "a doubled encoding",
    (path) => ({ path: path.replace(/[a-z]/, (letter) => `%25${letter.charCodeAt(0).toString(16)}`) }),
  ],
  ["another case", (path) => ({ path: path.toUpperCase() })],
  ["a trailing slash", (path) => ({ path: `${path}/` })],
  [
    "a claim to be signed in",
    (path) => ({ path, headers: { "x-berth-path": path, "x-forwarded-user": "alice", "remote-user": "alice" } }),
  ],
  ["a preview", (path) => ({ path, headers: { cookie: "__prerender_bypass=1; __next_preview_data=1" } })],
];

/**
 * What Next answers to anybody where a folder's address ends like that of a prefetched tree: how its routes are nested, as
 * its scripts tell too. Names of segments and the address itself, nothing that a page has rendered.
 */
const bareTree =
  /^(?:\w+:\[\["children",\{"s":(?:"[^"]*"|\{"n":"path","t":"oc","k":"[^"]*","s":\[\]\})(?:,"c":"\$Q\w+")?\}\]\]\n)+0:\{"q":"",[^\n]*\}\n?$/;

it.each(pages)("P1 the page %s cannot be framed, whoever asks for it", async (page) => {
  for (const who of ["anonymous", "alice", "bob"]) {
    const reply = await send(addressOf(page), { headers: { accept: "text/html", ...people.get(who) } });
    // The page itself, and not only the way to it.
    if (who === "alice" && !open.includes(page)) expect(reply.status).toBe(200);
    expect(frameable(reply), who).toEqual([]);
  }
});

/** The frame that surrounds every page of somebody who is signed in. (All messages are on every page.) */
const inside = /<nav\b|],"Frame"]/;

describe.each(pages.filter((page) => !open.includes(page)))("%s", (page) => {
  it.each(strangers)(`B8 the page ${page} sends %s to sign in`, async (who) => {
    const answer = await ask(addressOf(page), people.get(who));
    const location = answer.headers.get("location") ?? "";
    expect([answer.status, location.split("?")[0]]).toEqual([307, "/sign-in"]);
    expect(new URLSearchParams(location.split("?")[1]).get("from")).toBe(addressOf(page));
    expect(await answer.text()).not.toMatch(inside);
  });

  it(`B8 the page ${page} of somebody else's session or terminal shows what it shows of none`, async () => {
    const text = async (ids: typeof hers) =>
      (await (await ask(addressOf(page, ids), people.get("bob"))).text())
        .replaceAll(ids.sessions, "ID")
        .replaceAll(ids.terminals, "ID")
        .replaceAll(/nonce="[^"]*"|"nonce":"[^"]*"|nonce\\":\\"[^"\\]*/g, "")
        // Where a page that streams is cut into scripts depends on when its parts were ready.
        .replaceAll(/"\]\)<\/script><script[^>]*>self\.__next_f\.push\(\[1,"/g, "");
    // Answers that a page brings along are left out when they are late, so that one page may be shorter than the next by itself.
    const seen: string[] = [];
    await expect
      .poll(async () => {
        const theirs = await text(hers);
        seen.push(theirs);
        return theirs.length - (await text(never)).length;
      })
      .toBe(0);
    expect(seen.join("\n")).not.toContain("Private to alice");
  });

  it(`B8 the page ${page} brings a token nothing that its scope does not open`, async () => {
    for (const scope of scopes) {
      const html = await (await ask(addressOf(page), people.get(`a token for ${scope} alone`))).text();
      const opened = [
        ...(scope === "sessions:read" ? [hers.sessions] : []),
        ...(scope === "terminals:write" ? [hers.terminals] : []),
      ];
      // Whose pages they are stands in their own addresses.
      const own = addressOf(page).split("/").at(-1) ?? "";
      const told = Object.values(hers).filter((id) => html.includes(id) && id !== own && !opened.includes(id));
      expect(`${scope}: ${told}`).toBe(`${scope}: `);
      if (opened.length === 0) expect(html, scope).not.toContain("Private to alice");
    }
  });

  it(`B10 the page ${page} gives the router of a stranger no part of itself`, async () => {
    const asks = { rsc: "1" };
    const own = await askRouter(addressOf(page), { ...asks, ...people.get("bob") });
    const module = /I\[\d+,\[[^\]]*\],"(\w+)"\]/g;
    const parts = (text: string) => new Set([...text.matchAll(module)].map(([, name]) => name));
    // Components that only this page has: what a stranger's answer must not name.
    const common = parts(await askRouter("/sign-in", asks));
    const secret = [...parts(own)].filter((name) => !common.has(name) && !layouts.includes(name ?? ""));
    expect(secret).not.toEqual([]);
    const prefetch = { ...asks, "next-router-prefetch": "1" };
    for (const headers of [
      asks,
      { ...asks, "next-router-state-tree": tree(page) },
      prefetch,
      { ...prefetch, "next-router-segment-prefetch": "/_tree" },
    ]) {
      const found = parts(await askRouter(addressOf(page), headers));
      expect(secret.filter((name) => found.has(name))).toEqual([]);
    }
  });

  it.each(detours)(`B10 the page ${page} is not reached by %s`, async (_name, way) => {
    const { path, headers } = way(addressOf(page));
    const { status, body, headers: answered } = await send(path, { headers });
    expect(body).not.toMatch(inside);
    if (status === 307) expect(answered.location).toMatch(/^\/sign-in(\?|$)/);
    // Next's own way of dropping a slash; the address without it is asked again, and is behind the same gate.
    else if (status === 308) expect(answered.location).toMatch(/^\/(?![/\\])/);
    else expect([200, 400, 404]).toContain(status);
    // A part of a page has no status of its own: it says inside where to go.
    const isSignIn = /^\/sign-in/i.test(path) || /NEXT_REDIRECT;replace;\/sign-in/.test(body);
    if (status === 200) expect(isSignIn || bareTree.test(body), `${path}: ${body.slice(0, 500)}`).toBe(true);
  });
});

it("B8 a page brings data along for a token that may have it, so that what it brings another can be seen", async () => {
  // A page waits a quarter of a second for them.
  const page = async () => (await ask("/sessions", people.get("a token for everything"))).text();
  await expect.poll(page, { timeout: 30_000 }).toContain(hers.sessions);
});
