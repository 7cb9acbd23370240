// B4, B5, B11: the sign-in itself, against the real identity provider: steps dropped, replayed, taken from somebody else,
// planted beforehand, and led astray afterwards.
import { describe, expect, it } from "vitest";
import type { TestBrowser } from "@/dev/test-browser";
import { browserOf, newBrowser, ownAddress, sendFrom } from "@/e2e/attacks/from-address";
import { cookieHeader, inDatabase, sendRaw, siteUnderTest } from "@/e2e/attacks/site";

const { url } = siteUnderTest();
const { origin, host, port } = new URL(url);
const login = `__Host-berth-${port}`;
const cookieOf = (purpose: string) => `__Host-berth-${purpose}-${port}`;

const whoIs = async (browser: TestBrowser): Promise<string | number> => {
  const answer = await browser.send("/api/me");
  return answer.ok ? (await answer.json()).name : answer.status;
};

/** Begins and goes to the provider as `who`; the callback is not visited yet. */
async function atCallback(who: string): Promise<{ browser: TestBrowser; callback: URL }> {
  const browser = newBrowser();
  return { browser, callback: await browser.choose(await browser.begin(), who) };
}

const logins = async (who: string): Promise<number> => {
  const [row] = await inDatabase<{ count: string }>(
    `select count(*) from "Login" l join "User" u on u.id = l."userId" where u.subject = $1`,
    [who],
  );
  return Number(row?.count);
};

const changes: [string, (callback: URL, browser: TestBrowser) => void][] = [
  ["without the state", (callback) => callback.searchParams.delete("state")],
  ["with another state", (callback) => callback.searchParams.set("state", "x".repeat(43))],
  ["with the state twice", (callback) => callback.searchParams.append("state", "x")],
  ["without the code", (callback) => callback.searchParams.delete("code")],
  ["with another code", (callback) => callback.searchParams.set("code", "x".repeat(43))],
  ["without the cookie of the state", (_callback, browser) => browser.cookies.delete(cookieOf("state"))],
  ["without the cookie of the nonce", (_callback, browser) => browser.cookies.delete(cookieOf("nonce"))],
  ["without the verifier of PKCE", (_callback, browser) => browser.cookies.delete(cookieOf("pkce"))],
  ["without any cookie", (_callback, browser) => browser.cookies.clear()],
  [
    "with made-up cookies",
    (_callback, browser) => {
      for (const purpose of ["state", "nonce", "pkce"]) browser.cookies.set(cookieOf(purpose), "x");
    },
  ],
];

describe("a callback", () => {
  it.each(changes)("B4 %s signs nobody in", async (_how, change) => {
    const before = await logins("alice");
    const { browser, callback } = await atCallback("alice");
    change(callback, browser);
    const page = await browser.follow(callback.href, browser.isPage);
    expect(page.pathname).toBe("/sign-in");
    expect(await whoIs(browser)).toBe(401);
    expect(await logins("alice")).toBe(before);
  });

  it("B4 of an attacker's own sign-in does not make a victim the attacker", async () => {
    const attacker = await atCallback("bob");
    const { browser: victim } = await atCallback("alice");
    const page = await victim.follow(attacker.callback.href, victim.isPage);
    expect(page.pathname).toBe("/sign-in");
    expect(await whoIs(victim)).toBe(401);
  });

  it.each(["state", "nonce", "pkce"])(
    "B4 with the attacker's own %s cookie and a victim's code signs nobody in",
    async (purpose) => {
      const victim = await atCallback("alice");
      const attacker = await atCallback("bob");
      for (const other of ["state", "nonce", "pkce"].filter((one) => one !== purpose)) {
        attacker.browser.cookies.set(cookieOf(other), victim.browser.cookies.get(cookieOf(other)) ?? "");
      }
      await attacker.browser.follow(victim.callback.href, attacker.browser.isPage);
      expect(await whoIs(attacker.browser)).toBe(401);
    },
  );

  it("B4 that was used once signs nobody in again, here or elsewhere", async () => {
    const { browser, callback } = await atCallback("alice");
    const kept = new Map(browser.cookies);
    await browser.follow(callback.href, browser.isPage);
    expect(await whoIs(browser)).toBe("Alice Arden");
    const before = await logins("alice");
    const thief = newBrowser();
    for (const [name, value] of kept) thief.cookies.set(name, value);
    expect((await thief.follow(callback.href, thief.isPage)).pathname).toBe("/sign-in");
    expect(await whoIs(thief)).toBe(401);
    expect(await logins("alice")).toBe(before);
  });

  it.each([
    "GET signin/oidc",
    "POST callback/oidc",
    "GET session",
    "GET csrf",
    "GET providers",
    "POST signout",
    "GET signin",
    "POST _log",
    "GET verify-request",
    "GET callback/credentials",
    "GET callback/oidc2",
  ])("B4 and nothing else of the library's: %s is not there", async (step) => {
    const [method, path] = step.split(" ");
    const address = new URL(`/api/auth/${path}`, url);
    const headers = { origin, "sec-fetch-site": "same-origin" };
    expect((await sendFrom(address, { method, headers, localAddress: ownAddress() })).status).toBe(404);
  });
});

describe("a login that was planted beforehand", () => {
  it("B5 is replaced by a new one at sign-in, and ended", async () => {
    const bob = await browserOf("bob");
    const planted = bob.cookies.get(login) ?? "none";
    const victim = newBrowser();
    victim.cookies.set(login, planted);
    await victim.signIn("alice");
    expect(victim.cookies.get(login)).not.toBe(planted);
    expect(await whoIs(victim)).toBe("Alice Arden");
    expect(await whoIs(bob)).toBe(401);
  });

  it("B5 that never was one does not become one", async () => {
    for (const planted of [
      "x",
      "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..x.x.x",
      "00000000-0000-4000-8000-000000000000",
    ]) {
      const victim = newBrowser();
      victim.cookies.set(login, planted);
      await victim.signIn("alice");
      expect(victim.cookies.get(login)).not.toBe(planted);
      const attacker = newBrowser();
      attacker.cookies.set(login, planted);
      expect(await whoIs(attacker)).toBe(401);
    }
  });

  it("B5 cannot be planted by a sibling host: every cookie is __Host-, HttpOnly, Secure and Lax", async () => {
    const { setCookies } = await browserOf("alice");
    const ours = setCookies.filter((line) => !line.startsWith("idp_"));
    expect(ours.length).toBeGreaterThan(4);
    for (const line of ours) {
      expect(line).toMatch(/^__Host-/);
      expect(line).toMatch(/; ?HttpOnly/i);
      expect(line).toMatch(/; ?Secure/i);
      expect(line).toMatch(/; ?SameSite=Lax/i);
      expect(line).not.toMatch(/; ?Domain=/i);
    }
  });

  it("B5 under a name that only looks like ours is nobody's", async () => {
    const value = (await browserOf("alice")).cookies.get(login);
    for (const name of [
      login.replace("__Host-", ""),
      login.replace("__Host-", "__Secure-"),
      login.toLowerCase(),
      `${login}.0`,
      "next-auth.session-token",
    ]) {
      const browser = newBrowser();
      browser.cookies.set(name, value ?? "");
      expect(await whoIs(browser)).toBe(401);
    }
  });
});

const astray = [
  "//evil.example",
  "/\\evil.example",
  "\\\\evil.example",
  "https:evil.example",
  "https://evil.example/",
  "http://evil.example",
  `${origin}.evil.example/`,
  `${origin}@evil.example/`,
  `http://${host}:80@evil.example/`,
  "/\t/evil.example",
  "\t//evil.example",
  "/\n/evil.example",
  "/\r\nSet-Cookie: planted=1",
  "/.//evil.example",
  "/..//evil.example",
  "/x/..//evil.example",
  "/%5cevil.example",
  "///evil.example",
  "javascript:alert(1)",
  "data:text/html,<script>alert(1)</script>",
  "/\u0000//evil.example",
  "\u2028//evil.example",
  "/sign-in?from=//evil.example",
  `/${"x".repeat(5000)}`,
  "",
];

/** Where a browser would go for a Location that this answer of the portal's carries. */
const destination = (location: string | null): URL => new URL(location ?? "/", url);

describe("the way back after signing in", () => {
  it.each(astray)("B11 to %j stays here", async (wanted) => {
    const browser = newBrowser();
    const page = await browser.signIn("alice", wanted);
    expect(page.origin).toBe(origin);
    expect(page.pathname.startsWith("//")).toBe(false);
    expect(browser.cookies.has("planted")).toBe(false);
    expect(await whoIs(browser)).toBe("Alice Arden");
  });

  it("B11 by a link to the sign-in page stays here, for who is signed in already", async () => {
    const cookie = cookieHeader(await browserOf("alice"));
    const localAddress = ownAddress();
    for (const wanted of astray) {
      for (const name of ["from", "callbackUrl"]) {
        const address = new URL(`/sign-in?${name}=${encodeURIComponent(wanted)}`, url);
        const answer = await sendFrom(address, { headers: { cookie }, localAddress });
        const location = answer.headers.get("location");
        expect([answer.status, destination(location).origin], wanted).toEqual([307, origin]);
        expect(location, wanted).toMatch(/^\/(?![/\\])/);
      }
    }
  });

  it("B11 does not believe who says that the portal is elsewhere", async () => {
    const forwarded = {
      "x-forwarded-host": "evil.example",
      "x-forwarded-proto": "https",
      forwarded: "host=evil.example",
    };
    const localAddress = ownAddress();
    const page = await sendFrom(new URL("/settings", url), { headers: forwarded, localAddress });
    expect(destination(page.headers.get("location")).origin).toBe(origin);
    const begun = await newBrowser().submit("/api/auth/signin/oidc", { callbackUrl: "/" }, { ...forwarded, origin });
    const text = (await begun.text()).replaceAll("&#38;", "&");
    expect(decodeURIComponent(text)).toContain(`redirect_uri=${origin}/api/auth/callback/oidc`);
    expect(text).not.toContain("evil.example");
  });
});

const targets = [
  "http://evil.example/",
  `http://${host}/settings`,
  "https://evil.example/settings/",
  "//evil.example/",
  "//evil.example/..",
  "///evil.example",
  "/\\evil.example",
  "\\evil.example",
  "/%5Cevil.example/",
  "/%2Fevil.example/",
  "/.//evil.example/",
  "*",
  "evil.example:443",
];

it.each(targets)("B11 the request target %s leads nowhere else", async (target) => {
  const { text } = await sendRaw(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  const [head = ""] = text.split("\r\n\r\n");
  expect(head).toMatch(/^HTTP\/1\.1 (307|308|400|404|405) /);
  const location = /^location: (.*)$/im.exec(head)?.[1];
  if (location) expect(destination(location.trim()).origin).toBe(origin);
});
