// B4: a provider (or somebody in its place) that sends id_tokens it should not.
import { createHmac, createSign, generateKeyPairSync, type KeyObject } from "node:crypto";
import { createServer, type Server } from "node:http";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { TestBrowser } from "@/dev/test-browser";
import { useDatabase } from "@/dev/test-database";
import { close, createPortal, forgetOnce, listen, useConfig } from "@/dev/test-portal";
import { db } from "@/lib/db";

type Claims = Record<string, unknown>;
type Forged = { claims: Claims; userinfo: Claims; announcedIssuer: string; token: (claims: Claims) => string };

const own = generateKeyPairSync("rsa", { modulusLength: 2048 });
const other = generateKeyPairSync("rsa", { modulusLength: 2048 });
const base64 = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");

function signed(claims: Claims, key: KeyObject = own.privateKey, header: object = { alg: "RS256", kid: "1" }): string {
  const body = `${base64(header)}.${base64(claims)}`;
  return `${body}.${createSign("sha256").update(body).sign(key, "base64url")}`;
}

function hashed(claims: Claims, secret: string): string {
  const body = `${base64({ alg: "HS256", kid: "1" })}.${base64(claims)}`;
  return `${body}.${createHmac("sha256", secret).update(body).digest("base64url")}`;
}

let portal: Server;
let provider: Server;
let origin: string;
let issuer: string;
let forged: Forged;
let browser: TestBrowser;

const answers: Record<string, () => object> = {
  "/.well-known/openid-configuration": () => ({
    issuer: forged.announcedIssuer,
    authorization_endpoint: `${issuer}/auth`,
    token_endpoint: `${issuer}/token`,
    userinfo_endpoint: `${issuer}/userinfo`,
    jwks_uri: `${issuer}/jwks`,
  }),
  "/jwks": () => ({ keys: [{ ...own.publicKey.export({ format: "jwk" }), kid: "1", use: "sig", alg: "RS256" }] }),
  "/token": () => ({ access_token: "a", token_type: "Bearer", id_token: forged.token(forged.claims) }),
  "/userinfo": () => forged.userinfo,
};

useDatabase();

beforeAll(async () => {
  portal = createPortal();
  origin = await listen(portal);
  provider = createServer((request, response) => {
    request.resume();
    const answer = answers[request.url ?? ""]?.();
    response.writeHead(answer ? 200 : 404, { "content-type": "application/json" }).end(JSON.stringify(answer ?? {}));
  });
  issuer = await listen(provider);
});

afterAll(async () => {
  await close(portal);
  await close(provider);
});

beforeEach(() => {
  forgetOnce("rate:");
  useConfig({ url: origin, signIn: { issuer } });
  browser = new TestBrowser(origin);
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: issuer, sub: "mallory", aud: "berth", iat: now, exp: now + 300, name: "Mallory" };
  forged = { claims, userinfo: { sub: "mallory" }, announcedIssuer: issuer, token: (all) => signed(all) };
});

/** Goes through the flow; what the provider will say is settled once the nonce is known. */
async function signInWith(change: (forged: Forged) => void): Promise<string> {
  const begun = new URL(await browser.begin());
  forged.claims.nonce = begun.searchParams.get("nonce");
  change(forged);
  const state = begun.searchParams.get("state") ?? "";
  const page = await browser.follow(`/api/auth/callback/oidc?code=c&state=${state}`, browser.isPage);
  return `${page.pathname}${page.search}`;
}

it("admits what an honest provider sends", async () => {
  expect(await signInWith(() => {})).toBe("/");
  expect((await (await browser.send("/api/me")).json()).name).toBe("Mallory");
});

it("asks with PKCE, state and nonce", async () => {
  const { searchParams } = new URL(await browser.begin());
  expect(searchParams.get("code_challenge_method")).toBe("S256");
  for (const name of ["code_challenge", "state", "nonce"]) expect(searchParams.get(name)?.length).toBeGreaterThan(30);
});

const attacks: [string, (forged: Forged) => void][] = [
  [
    "alg none",
    (given) => Object.assign(given, { token: (all: Claims) => `${base64({ alg: "none" })}.${base64(all)}.` }),
  ],
  ["a foreign key", (given) => Object.assign(given, { token: (all: Claims) => signed(all, other.privateKey) })],
  [
    "the client's secret as key",
    (given) => Object.assign(given, { token: (all: Claims) => hashed(all, "client-of-the-tests") }),
  ],
  [
    "the public key as secret",
    (given) => {
      const pem = own.publicKey.export({ format: "pem", type: "spki" }).toString();
      given.token = (all) => hashed(all, pem);
    },
  ],
  ["another audience", (given) => Object.assign(given.claims, { aud: "somebody-else" })],
  [
    "several audiences without saying for whom",
    (given) => Object.assign(given.claims, { aud: ["berth", "x"], azp: "x" }),
  ],
  ["another issuer", (given) => Object.assign(given.claims, { iss: "https://other.example" })],
  ["another nonce", (given) => Object.assign(given.claims, { nonce: "forged" })],
  ["no nonce", (given) => delete given.claims.nonce],
  ["an expired token", (given) => Object.assign(given.claims, { exp: 1 })],
  ["a token of tomorrow", (given) => Object.assign(given.claims, { nbf: Math.floor(Date.now() / 1000) + 86_400 })],
  ["no subject", (given) => delete given.claims.sub],
  ["userinfo about somebody else", (given) => Object.assign(given, { userinfo: { sub: "alice", roles: ["admin"] } })],
  ["no token at all", (given) => Object.assign(given, { token: () => undefined })],
];

it.each(attacks)("refuses %s", async (_name, change) => {
  expect(await signInWith(change)).toBe("/sign-in?problem=not-completed");
  expect((await browser.send("/api/me")).status).toBe(401);
});

it("refuses a provider that says it is another one", async () => {
  const page = await signInWith((given) => {
    given.announcedIssuer = "https://other.example";
    given.claims.iss = "https://other.example";
  });
  expect(page).toBe("/sign-in?problem=wrong-issuer");
  expect(await db().user.count({ where: { issuer: "https://other.example" } })).toBe(0);
});

it("lets what is signed win over what is merely answered", async () => {
  await signInWith((given) => Object.assign(given.userinfo, { name: "Somebody else", groups: ["from-userinfo"] }));
  const me = await (await browser.send("/api/me")).json();
  expect(me).toMatchObject({ name: "Mallory", groups: ["from-userinfo"] });
});
