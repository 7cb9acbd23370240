// Signing in and out through the real provider, over real sockets.
import type { Server } from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { DemoAccount } from "@/cluster/idp/accounts";
import { readAccounts } from "@/cluster/idp/accounts";
import { createIdp } from "@/cluster/idp/provider";
import { forgetOnce } from "@/dev/forget-once";
import { TestBrowser } from "@/dev/test-browser";
import { useDatabase } from "@/dev/test-database";
import { close, createPortal, listen, oneCluster, useConfig } from "@/dev/test-portal";
import { db } from "@/lib/db";

const odd: DemoAccount[] = [
  { sub: "unverified", name: "U", email: "u@example.org", email_verified: false },
  { sub: "absent", name: "A", email: "a@example.org" },
  { sub: "text", name: "T", email: "t@example.org", email_verified: "true" },
  { sub: "verified", name: "V", email: "V@Example.org", email_verified: true },
  { sub: "markup", name: "<script>\u001b[2J\nx", preferred_username: "markup", email_verified: true },
];

let portal: Server;
let idp: Server;
let origin: string;
let issuer: string;
let browser: TestBrowser;

const byEmail = { ...oneCluster, account: { from: "claim", claim: "email", pattern: "([a-z]+)@example[.]org" } };

function configure(more: object = {}): void {
  useConfig({ url: origin, signIn: { issuer, roles: { admin: "admin" } }, ...more });
}

useDatabase();

beforeAll(async () => {
  portal = createPortal();
  origin = await listen(portal);
  const accounts = [...readAccounts(), ...odd];
  // The provider must know its own address before it can be made.
  const placeholder = createPortal();
  issuer = await listen(placeholder);
  await close(placeholder);
  const redirects = [`${origin}/api/auth/callback/oidc`];
  idp = createIdp({ issuer, clientId: "berth", clientSecret: "client-of-the-tests", redirects, accounts });
  await new Promise<void>((resolve) => idp.listen(Number(new URL(issuer).port), "127.0.0.1", resolve));
});

afterAll(async () => {
  await close(portal);
  await close(idp);
});

beforeEach(() => {
  forgetOnce("rate:");
  configure();
  browser = new TestBrowser(origin);
});

describe("signing in", () => {
  it("leads back to the page one wanted, as the person the provider names", async () => {
    const page = await browser.signIn("carol", "/sessions?state=live");
    expect(page.href).toBe(`${origin}/sessions?state=live`);
    const me = await (await browser.send("/api/me")).json();
    expect(me).toMatchObject({ name: "Carol Chen", roles: ["researcher"], groups: ["genomics", "genomics:lead"] });
    const user = await db().user.findFirst({ where: { issuer, subject: "carol" } });
    expect(user).toMatchObject({ id: me.id, email: "carol@example.org", claims: { preferred_username: "carol" } });
  });

  it("gives the roles that the configuration maps", async () => {
    await browser.signIn("admin");
    expect((await (await browser.send("/api/me")).json()).roles).toEqual(["researcher", "admin"]);
  });

  it("keeps the login in a __Host- cookie with the port in its name, and seals the provider's token", async () => {
    await browser.signIn("alice");
    const name = `__Host-berth-${new URL(origin).port}`;
    const line = browser.setCookies.find((cookie) => cookie.startsWith(`${name}=`)) ?? "";
    for (const flag of [/; Path=\//, /; HttpOnly/, /; Secure/, /; SameSite=Lax/]) expect(line).toMatch(flag);
    expect(line).not.toMatch(/domain/i);
    expect(browser.setCookies.every((cookie) => cookie.startsWith("__Host-") || cookie.startsWith("idp_"))).toBe(true);
    const login = await db().login.findFirstOrThrow({
      where: { user: { subject: "alice" } },
      orderBy: { createdAt: "desc" },
    });
    expect(login.idTokenSealed).toMatch(/^v1\./);
    expect(login.expiresAt.getTime()).toBeGreaterThan(Date.now() + 11 * 3_600_000);
  });

  it("shows control characters of a name instead of obeying them", async () => {
    await browser.signIn("markup");
    expect((await (await browser.send("/api/me")).json()).name).toBe("<script>\\u001b[2J\\u000ax");
  });

  it("B5: makes a new login each time, and the one before is dead", async () => {
    await browser.signIn("alice");
    const name = `__Host-berth-${new URL(origin).port}`;
    const before = browser.cookies.get(name) ?? "";
    await browser.signIn("alice");
    expect(browser.cookies.get(name)).not.toBe(before);
    expect((await browser.send("/api/me")).status).toBe(200);
    expect((await browser.send("/api/me", { headers: { cookie: `${name}=${before}` } })).status).toBe(401);
  });

  it("B5: a cookie set beforehand never becomes a login", async () => {
    const name = `__Host-berth-${new URL(origin).port}`;
    browser.cookies.set(name, "planted");
    await browser.signIn("alice");
    expect(browser.cookies.get(name)).not.toBe("planted");
    expect((await browser.send("/api/me", { headers: { cookie: `${name}=planted` } })).status).toBe(401);
  });

  it("refuses a disabled person, and says so", async () => {
    await browser.signIn("bob");
    await db().user.updateMany({ where: { subject: "bob" }, data: { disabledAt: new Date() } });
    const page = await new TestBrowser(origin).signIn("bob");
    expect(`${page.pathname}${page.search}`).toBe("/sign-in?problem=disabled");
    await db().user.updateMany({ where: { subject: "bob" }, data: { disabledAt: null } });
  });

  it("says when the provider cannot be reached, and offers no other way in (F22)", async () => {
    useConfig({ url: origin, signIn: { issuer: "http://localhost:9" } });
    expect(await browser.begin("/launch")).toBe("/sign-in?problem=provider-unreachable&from=%2Flaunch");
  });

  it("says when the provider refused", async () => {
    const page = await browser.follow(`/api/auth/callback/oidc?error=access_denied&state=x`, browser.isPage);
    expect(`${page.pathname}${page.search}`).toBe("/sign-in?problem=provider-refused");
  });
});

describe("B1: where accounts go by e-mail", () => {
  beforeEach(() => configure({ clusters: [byEmail] }));

  it.each(["unverified", "absent", "text"])("refuses %s", async (account) => {
    const logins = () => db().login.count({ where: { user: { subject: account } } });
    const before = await logins();
    const page = await browser.signIn(account);
    expect(`${page.pathname}${page.search}`).toBe("/sign-in?problem=email-unverified");
    expect((await browser.send("/api/me")).status).toBe(401);
    expect(await logins()).toBe(before);
  });

  it("admits email_verified: true", async () => {
    expect((await browser.signIn("verified")).pathname).toBe("/");
    expect((await (await browser.send("/api/me")).json()).email).toBe("v@example.org");
  });
});

it("B1: keeps no unverified e-mail where accounts go by another claim", async () => {
  await browser.signIn("unverified");
  expect((await (await browser.send("/api/me")).json()).email).toBeNull();
});

describe("signing out", () => {
  it("ends the login here and at the provider, and the old cookie is dead", async () => {
    await browser.signIn("alice");
    const name = `__Host-berth-${new URL(origin).port}`;
    const old = browser.cookies.get(name);
    const { url } = await (await browser.post("/api/sign-out", {})).json();
    expect(browser.cookies.has(name)).toBe(false);
    expect((await browser.send("/api/me", { headers: { cookie: `${name}=${old}` } })).status).toBe(401);

    const form = await (await browser.send(url)).text();
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(form)?.[1] ?? "";
    const confirmed = await browser.send(new URL("/session/end/confirm", url).href, {
      method: "POST",
      body: new URLSearchParams({ xsrf, logout: "yes" }),
    });
    expect(confirmed.headers.get("location")).toBe(`${origin}/sign-in`);
    // The provider no longer knows the person: it shows its page again.
    const page = await browser.follow(await browser.begin(), (at) => at.pathname.startsWith("/interaction/"));
    expect(page.pathname).toMatch(/^\/interaction\//);
  });

  it("works while the provider is away", async () => {
    await browser.signIn("alice");
    useConfig({ url: origin, signIn: { issuer: "http://localhost:9" } });
    expect(await (await browser.post("/api/sign-out", {})).json()).toEqual({ url: "/sign-in?problem=signed-out" });
    expect((await browser.send("/api/me")).status).toBe(401);
  });
});

describe("B4: a flow that was tampered with", () => {
  const refused = async (callback: URL) => {
    const page = await browser.follow(callback.href, browser.isPage);
    expect(`${page.pathname}${page.search}`).toBe("/sign-in?problem=not-completed");
    expect((await browser.send("/api/me")).status).toBe(401);
  };
  const cookie = (purpose: string) => `__Host-berth-${purpose}-${new URL(origin).port}`;

  it.each(["state", "nonce", "pkce"])("is refused without its %s", async (purpose) => {
    const callback = await browser.choose(await browser.begin(), "alice");
    browser.cookies.delete(cookie(purpose));
    await refused(callback);
  });

  it.each(["state", "nonce", "pkce"])("is refused with the %s of another flow", async (purpose) => {
    const other = new TestBrowser(origin);
    await other.begin();
    const callback = await browser.choose(await browser.begin(), "alice");
    browser.cookies.set(cookie(purpose), other.cookies.get(cookie(purpose)) ?? "");
    await refused(callback);
  });

  it("is refused with another state in the address", async () => {
    const callback = await browser.choose(await browser.begin(), "alice");
    callback.searchParams.set("state", "forged");
    await refused(callback);
  });

  it("is refused when a code is used again", async () => {
    const callback = await browser.choose(await browser.begin(), "alice");
    const kept = new Map(browser.cookies);
    await browser.follow(callback.href, browser.isPage);
    browser.cookies.clear();
    for (const [name, value] of kept) browser.cookies.set(name, value);
    await refused(callback);
  });

  it("is refused at the callback of another provider", async () => {
    expect((await browser.send("/api/auth/callback/other?code=x")).status).toBe(404);
  });

  it.each(["session", "signout", "providers", "csrf", "_log", "callback/credentials"])(
    "has no step %s",
    async (step) => {
      expect((await browser.send(`/api/auth/${step}`)).status).toBe(404);
      expect((await browser.post(`/api/auth/${step}`, {})).status).toBe(404);
    },
  );
});

describe("beginning a sign-in", () => {
  it.each(["cross-site", "same-site", "none"])("B7: is refused from %s", async (site) => {
    const answer = await browser.submit("/api/auth/signin/oidc", { callbackUrl: "/" }, { "sec-fetch-site": site });
    expect(answer.status).toBe(403);
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  it("leads on by a page of its own, since form-action would hold the provider's own redirects", async () => {
    const answer = await browser.submit("/api/auth/signin/oidc", { callbackUrl: "/" });
    expect([answer.status, answer.headers.get("location")]).toEqual([200, null]);
    expect(answer.headers.get("cache-control")).toBe("no-store");
  });

  it.each([
    "//evil.example",
    "/\\evil.example",
    "https:evil.example",
    "https://evil.example/",
    "/\t/evil.example",
    "/\n/evil",
  ])("B11: never leads to %j afterwards", async (wanted) => {
    expect((await browser.signIn("alice", wanted)).href).toBe(`${origin}/`);
  });

  it("P5: is limited per address", async () => {
    const statuses = new Set<number>();
    const callback = "/api/auth/callback/oidc?code=c&state=s";
    for (let tried = 0; tried < 310; tried += 1) {
      // What any other page could have asked for counts not.
      statuses.add((await browser.send("/api/auth/none")).status);
      statuses.add((await browser.send(callback)).status);
    }
    expect([...statuses]).toEqual([404, 303]);
    expect(await browser.begin()).not.toContain("problem");
    for (let tried = 0; tried < 300; tried += 1) await browser.send(callback);
    expect(await browser.begin()).toBe("/sign-in?problem=too-many");
  });
});
