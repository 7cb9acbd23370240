// What crosses the gateway towards an app: none of the portal's credentials, nothing that poses as a proxy, and the path
// as it was sent. The app repeats what it received, byte for byte. And what crosses back from it, where it reaches further.
import { beforeAll, expect, it } from "vitest";
import { type HostileApp, hostileApp, saying } from "@/e2e/attacks/hostile-app";
import { cookieHeader, send, signedIn, upgrade } from "@/e2e/attacks/site";

/** What the browser keeps for the portal; the identity provider's own cookies are another host's. */
async function loginOf(who: string): Promise<string> {
  const pairs = cookieHeader(await signedIn(who)).split("; ");
  return pairs.filter((pair) => pair.startsWith("__")).join("; ");
}

let app: HostileApp;
beforeAll(async () => {
  app = await hostileApp("alice");
});

const planted = "canary-header-51c0ffee";

/** The one request that the app received with this path. */
async function received(path: string): Promise<string> {
  const [one, ...more] = await app.seen(` ${path} HTTP/1.1`);
  expect(more).toEqual([]);
  expect(one).toBeDefined();
  return one?.head.toLowerCase() ?? "";
}

it("D1 the portal's login cookie, app cookie and sign-in cookies never reach an app, its own cookies do", async () => {
  const login = await loginOf("alice");
  const names = ["__Host-berth-3000.0", "__Secure-next-auth.session-token", "next-auth.csrf-token", "BERTH-x"];
  const cookie = [app.cookie, login, ...names.map((name) => `${name}=${planted}`), "mine=kept"].join("; ");
  await app.ask("/d1-cookies", { headers: { cookie } });
  const head = await received("/d1-cookies");
  expect(head).toContain("cookie: mine=kept\r\n");
  for (const secret of [planted, "next-auth", "__host-", login.split("=")[1]?.toLowerCase() ?? "?"]) {
    expect(head).not.toContain(secret);
  }
});

const credentials = [
  ["Authorization", `Bearer ${planted}`],
  ["Proxy-Authorization", `Basic ${planted}`],
  ["X-Forwarded-User", planted],
  ["X-Forwarded-For", planted],
  ["X_Forwarded_User", planted],
  ["X-Remote-User", planted],
  ["Remote_User", planted],
  ["X-WebAuth-User", planted],
  ["X-Auth-Request-Email", planted],
  ["X-Original-URL", `/${planted}`],
  ["X-Rewrite-URL", `/${planted}`],
  ["X-Real-IP", planted],
  ["True-Client-IP", planted],
  ["Forwarded", `for=${planted}`],
  ["X-Berth-Address", planted],
  ["Keep-Alive", planted],
  ["TE", planted],
  ["Proxy-Connection", planted],
] as const;

it.each(credentials)("D1 an app does not receive %s from a browser", async (name, value) => {
  const path = `/d1-header-${name.toLowerCase()}`;
  await app.ask(path, { headers: { [name]: value } });
  expect(await received(path)).not.toContain(planted);
});

it("D1 the same holds for the handshake of a WebSocket", async () => {
  const cookie = `${app.cookie}; ${await loginOf("alice")}`;
  const headers = { ...Object.fromEntries(credentials), cookie, origin: `http://${app.host}` };
  const { status } = await upgrade("/d1-socket", { host: app.host, headers });
  expect(status).toBe(101);
  const head = await received("/d1-socket");
  expect(head).not.toContain(planted);
  expect(head).not.toContain("cookie:");
});

it("D1 an app is told the true host and scheme, not the ones a client sent", async () => {
  const headers = { "x-forwarded-host": "evil.example", "x-forwarded-proto": "gopher" };
  await app.ask("/d1-host", { headers });
  const head = await received("/d1-host");
  expect(head).toContain(`\r\nhost: ${app.host}\r\n`);
  expect(head.match(/x-forwarded-host: .*/g)).toEqual([`x-forwarded-host: ${app.host}`]);
  expect(head.match(/x-forwarded-proto: .*/g)).toEqual(["x-forwarded-proto: http"]);
});

it("D8 headers that Connection names stay on this hop, and nothing that we add can be named away", async () => {
  const named = "cookie, x-forwarded-user, x-secret, x-forwarded-host, host, content-length";
  const headers = { connection: named, "x-forwarded-user": planted, "x-secret": planted };
  await app.ask("/d8-connection", { headers, method: "POST", body: "eight by" });
  const head = await received("/d8-connection");
  expect(head).not.toContain(planted);
  expect(head).toContain(`x-forwarded-host: ${app.host}\r\n`);
  expect(head).toContain("content-length: 8\r\n");
});

const paths = [
  "/d8/%2e%2e/%2e%2e/.berth/enter",
  "/d8/..%2f..%2fapi%2fme",
  "//d8//evil.example//x",
  "/d8;jsessionid=1;/../x",
  "/d8\\..\\..\\x",
  "/d8/%00/x",
  "/d8/%252e%252e/x",
  "/d8/../../x",
  "/d8/%c0%ae%c0%ae/x?next=//evil.example",
  "/d8?a=http://169.254.169.254/#".replace("#", "%23"),
  "/api/me?d8",
  "/_next/image?url=d8",
];

it.each(paths)("D8 the path %s reaches the app as it was sent, once, and only the app", async (path) => {
  const { status, body } = await app.ask(path);
  expect(status).toBe(200);
  // The app's own words: what answered is not the portal.
  expect(JSON.parse(body).head).toContain(`GET ${path} HTTP/1.1\r\n`);
  await received(path);
});

it.each(["evil.example", "127.0.0.1:22", "localhost:1", "portal.berth.localhost.evil.example", "[::1]", ""])(
  "D8 a host that is not ours is not served, whatever cookie comes with it: %j",
  async (host) => {
    const reply = await send("/", { host, headers: { cookie: app.cookie, "x-forwarded-host": app.host } });
    expect([400, 421]).toContain(reply.status);
    expect(reply.body).not.toContain("head");
  },
);

it("D8 the app's cookie opens no other session's host, and no host that merely looks like its own", async () => {
  const other = `a${app.id.slice(1).replace(/./, (char) => (char === "b" ? "c" : "b"))}`;
  const hosts = [app.host.replace(app.id, other), app.host.replace(app.id, `x.${app.id}`), `.${app.host}`];
  for (const host of hosts) {
    const { status, body } = await send("/d8-other", { host, headers: { cookie: app.cookie } });
    expect([400, 404, 421]).toContain(status);
    expect(body).not.toContain("d8-other");
  }
  expect(await app.seen("d8-other")).toEqual([]);
});

it.each(["https://evil.example", "null"])("D2 what origin %s has a browser send reaches no app", async (origin) => {
  const { status } = await app.ask("/d2-origin", { method: "POST", headers: { origin }, body: "a=b" });
  expect(status).toBe(403);
  expect(await app.seen("d2-origin")).toEqual([]);
});

it("D3 an app cannot end its owner's login: cookies are not its own to clear", async () => {
  const { headers } = await app.ask(saying("", [["Clear-Site-Data", '"cookies", "cache"']]));
  expect(headers["clear-site-data"]).toBe('"cache"');
});

it.each(["GET", "POST"])("D8 a %s answered with trailers that cannot come is answered", async (method) => {
  const { status, body, headers } = await app.ask(saying("whole", [["Trailer", "X"]]), { method });
  expect([status, body, headers.trailer]).toEqual([200, "whole", undefined]);
});
