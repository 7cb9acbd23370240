// P1 and P10: what Next, Node and the gateway offer beside the portal's own pages, and that whatever is
// answered, of every status, cannot be framed, guessed at, or taken for a secret's place.
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { frameable } from "@/e2e/attacks/frameable";
import { browserOf, newBrowser } from "@/e2e/attacks/from-address";
import { plantSession } from "@/e2e/attacks/planted-rows";
import {
  type Asked,
  appHost,
  cookieHeader,
  type Reply,
  send,
  sendRaw,
  siteUnderTest,
  upgrade,
} from "@/e2e/attacks/site";

const { url, data } = siteUnderTest();
const { origin, host } = new URL(url);
const html = { accept: "text/html" };

let alice: Record<string, string>;
let session: string;
let appCookie: string;

beforeAll(async () => {
  const browser = await browserOf("alice");
  alice = { cookie: cookieHeader(browser), "sec-fetch-site": "same-origin" };
  session = await plantSession("alice");
  // Bob's way into a session of his own: a cookie that is good, but of another host.
  const bob = await browserOf("bob");
  const own = await plantSession("bob");
  const { url: enter } = await (await bob.post(`/api/sessions/${own}/ticket`, undefined)).json();
  const entered = await send(new URL(enter).pathname + new URL(enter).search, { host: appHost(own) });
  appCookie = String(entered.headers["set-cookie"]).split(";")[0] ?? "";
  if (!appCookie.includes("berth-app")) throw new Error(`Bob did not get in: ${entered.status}`);
});

/** One answer of each status and each part that answers. */
const answers: [number, string, () => Promise<Reply>][] = [
  ...["/", "/launch", "/launch/jupyter", "/sessions", "/clusters", "/settings", "/no-access"].map(
    (path): [number, string, () => Promise<Reply>] => [200, path, () => send(path, { headers: { ...alice, ...html } })],
  ),
  [200, "/sign-in", () => send("/sign-in", { headers: html })],
  [200, "/api/health", () => send("/api/health")],
  [200, "an icon of the product", () => send("/icons/berth.svg")],
  [303, "a failed sign-in", () => send("/api/auth/callback/oidc?error=access_denied")],
  [307, "the gate", () => send("/settings", { headers: html })],
  [308, "a dropped slash", () => send("/settings/")],
  [400, "a path with a NUL", () => send("/x%00")],
  [400, "a path with a backslash", () => send("/x%5cy")],
  [400, "no target", () => send("http://evil.example/")],
  [400, "a query that is not known", () => send("/api/sessions?x=1", { headers: alice })],
  [401, "nobody", () => send("/api/me", { headers: { "sec-fetch-site": "same-origin" } })],
  [403, "another site", () => send("/api/me", { headers: { ...alice, "sec-fetch-site": "cross-site" } })],
  [404, "a page that is not there", () => send("/nowhere", { headers: html })],
  [404, "an endpoint that is not there", () => send("/api/nowhere", { headers: html })],
  [404, "a file that is not there", () => send("/_next/static/nowhere.js")],
  [404, "the image optimizer", () => send("/_next/image?url=/icons/berth.svg&w=64&q=75")],
  [405, "a form sent to a page", () => send("/settings", { method: "POST", body: "a=1" })],
  [405, "TRACE", () => send("/", { method: "TRACE" })],
  [405, "a method that an endpoint has not", () => send("/api/me", { method: "DELETE", headers: alice })],
  [417, "an expectation", () => send("/", { headers: { expect: "the unexpected" } })],
  [421, "a host that is not ours", () => send("/", { host: "evil.example", headers: html })],
  [
    501,
    "a transfer coding",
    () => send("/api/sessions", { method: "POST", headers: { "transfer-encoding": "gzip, chunked" } }),
  ],
  [401, "an app's host, to nobody", () => send("/", { host: appHost("abcdefghijklmnop"), headers: html })],
  [
    404,
    "an app's host, to somebody else",
    () => send("/", { host: appHost(session), headers: { ...html, cookie: appCookie } }),
  ],
  [
    403,
    "an app's host, from another site",
    () => send("/x", { host: appHost(session), headers: { "sec-fetch-site": "cross-site" } }),
  ],
  [404, "an upgrade", () => upgrade("/")],
  [403, "an upgrade of an app's host", () => upgrade("/", { host: appHost(session) })],
];

it.each(answers)("P1 %i: %s cannot be framed", async (status, _what, ask) => {
  const reply = await ask();
  expect(reply.status, reply.body.slice(0, 300)).toBe(status);
  expect(frameable(reply)).toEqual([]);
});

it("P1 what Node itself refuses has nothing to frame", async () => {
  const broken = [
    "GET / HTTP/1.1\r\nHost: a b\r\n: x\r\n\r\n",
    `GET / HTTP/1.1\r\nHost: ${host}\r\nX: ${"x".repeat(70_000)}\r\n\r\n`,
  ];
  for (const bytes of broken) {
    const { text } = await sendRaw(bytes);
    const [head = "", body = ""] = text.split("\r\n\r\n");
    expect(head).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(body === "" || /frame-ancestors 'none'/.test(head)).toBe(true);
  }
});

it("P1 every page's policy names a nonce of its own and no other source of scripts", async () => {
  const nonces = new Set<string>();
  for (const path of ["/", "/", "/settings", "/nowhere"]) {
    const { headers, body } = await send(path, { headers: { ...alice, ...html } });
    const policy = String(headers["content-security-policy"]);
    const [, nonce = ""] = /script-src 'nonce-([\w+/=]{24})' 'strict-dynamic';/.exec(policy) ?? [];
    expect(nonce).not.toBe("");
    nonces.add(nonce);
    const inline = [...body.matchAll(/<script\b([^>]*)>/g)].map(([, attributes = ""]) => attributes);
    expect(inline.filter((attributes) => !attributes.includes(`nonce="${nonce}"`))).toEqual([]);
  }
  expect(nonces.size).toBe(4);
});

const remote = [
  "http://169.254.169.254/latest/meta-data",
  "https://evil.example/x.png",
  "//evil.example/x.png",
  "/api/me",
  "http://127.0.0.1:22",
];

it.each(remote)("P10 the image optimizer is off: %s", async (address) => {
  for (const path of [
    "/_next/image",
    "/_next/image/",
    "/_next/./image",
    "//_next/image",
    "/_next/%69mage",
    "/_next/image/x",
  ]) {
    const { status } = await send(`${path}?url=${encodeURIComponent(address)}&w=640&q=75`, { headers: alice });
    expect([308, 400, 404]).toContain(status);
  }
});

/** Payloads for the decoder of server actions (CVE-2025-55182 and its kin). */
const actions: [string, Asked][] = [
  [
    "a form",
    {
      headers: { "content-type": "multipart/form-data; boundary=x" },
      body: '--x\r\nContent-Disposition: form-data; name="0"\r\n\r\n{"then":"$1:__proto__:then","status":"resolved_model","value":"{\\"then\\":\\"$B0\\"}","_response":{"_prefix":"process.exit(1);","_formData":{"get":"$1:constructor:constructor"}}}\r\n--x\r\nContent-Disposition: form-data; name="1"\r\n\r\n"$@0"\r\n--x--\r\n',
    },
  ],
  ["text", { headers: { "content-type": "text/plain;charset=UTF-8" }, body: '["$F1"]' }],
  [
    "an encoded form",
    { headers: { "content-type": "application/x-www-form-urlencoded" }, body: "%24ACTION_ID_00=1&$ACTION_REF_1=" },
  ],
];

describe.each(["/", "/sign-in", "/settings", "/nowhere", "/api/me", "/api/sessions", "/api/auth/signin/oidc"])(
  "%s",
  (path) => {
    it.each(actions)(`P10 ${path} runs no server action sent as %s`, async (_kind, asked) => {
      const headers = {
        ...alice,
        origin,
        "next-action": "7f".padEnd(42, "0"),
        "next-router-state-tree": "%5B%22%22%2C%7B%7D%5D",
        ...asked.headers,
      };
      const { status, headers: given, body } = await send(path, { ...asked, method: "POST", headers } as Asked);
      expect([200, 303, 400, 404, 405]).toContain(status);
      expect(given["x-action-revalidated"] ?? given["x-action-redirect"]).toBeUndefined();
      expect(String(given["content-type"])).not.toContain("text/x-component");
      expect(body).not.toMatch(/Server Action|at \w+ \(/);
      expect((await send("/api/health")).status).toBe(200);
    });
  },
);

it("P10 gives no source map, of any script that it serves", async () => {
  const folder = join(dirname(data), "release/.next/static");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  expect(files.filter((file) => file.endsWith(".map"))).toEqual([]);
  const scripts = files.filter((file) => file.endsWith(".js"));
  expect(scripts.length).toBeGreaterThan(10);
  for (const file of scripts.slice(0, 10)) {
    const path = `/_next/static/${file}`;
    expect((await send(`${path}.map`)).status).toBe(404);
    const { status, body } = await send(path);
    expect([status, /sourceMappingURL=(?!data:)/.test(body)]).toEqual([200, false]);
  }
});

const offers = [
  ..."/__nextjs_original-stack-frames /__nextjs_source-map /__nextjs_launch-editor /__nextjs_error_feedback /__nextjs_font/x".split(
    " ",
  ),
  ..."/__nextjs_devtools_config /__nextjs_restart_dev /_next/hmr /_next/webpack-hmr /_next/mcp /_next/development/_devPagesManifest.json".split(
    " ",
  ),
  ..."/_next/static/development/_buildManifest.js /.well-known/appspecific/com.chrome.devtools.json /.env /.git/config /package.json".split(
    " ",
  ),
  ..."/server.ts /portal.yaml /dist/server.mjs /.next/BUILD_ID /_next/BUILD_ID /_next/server/app/page.js /_next/data /debug /metrics".split(
    " ",
  ),
  ..."/_next/static/../server/server-reference-manifest.json /_next/static/%2e%2e/BUILD_ID /icons/../../package.json /actuator /graphql".split(
    " ",
  ),
];

it.each(offers)("P10 %s is not there", async (path) => {
  const { text } = await sendRaw(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  expect(text).toMatch(/^HTTP\/1\.1 (404|400) /);
  expect(text).not.toMatch(/"dependencies"|encryptionKey|clientId/);
});

it("B8 an upgrade with another session's cookie is refused as what never was", async () => {
  const ask = (id: string) =>
    upgrade("/", { host: appHost(id), headers: { cookie: appCookie, origin: `http://${appHost(id)}` } });
  const [theirs, never] = [await ask(session), await ask("z000000000000000")];
  expect([theirs.status, theirs.body]).toEqual([404, never.body]);
  expect({ ...theirs.headers, date: "" }).toEqual({ ...never.headers, date: "" });
});

it("B8 a browser that signed in to the portal is nobody on an app's host", async () => {
  const browser = newBrowser();
  await browser.signIn("alice");
  const reply = await send("/", { host: appHost(session), headers: { cookie: cookieHeader(browser) } });
  expect(reply.status).toBe(401);
});
