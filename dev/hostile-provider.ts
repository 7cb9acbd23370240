// For tests: an OpenID Connect provider (or somebody in its place) that sends what it should not. What it will say next is
// in `forged`; a test changes that between the two halves of a sign-in.
import { createHmac, createSign, generateKeyPairSync, type KeyObject } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export type Claims = Record<string, unknown>;
export type Forged = { claims: Claims; userinfo: Claims; announcedIssuer: string; token: (claims: Claims) => unknown };
export type HostileProvider = { issuer: string; forged: Forged; reset: () => void; close: () => Promise<void> };

/** The client secret that both sides have in these tests. */
export const clientSecret = "client-of-the-tests";

const own = generateKeyPairSync("rsa", { modulusLength: 2048 });
const other = generateKeyPairSync("rsa", { modulusLength: 2048 });
const curve = generateKeyPairSync("ec", { namedCurve: "P-256" });
const base64 = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");

function signed(claims: Claims, key: KeyObject = own.privateKey, header: object = { alg: "RS256", kid: "1" }): string {
  const body = `${base64(header)}.${base64(claims)}`;
  return `${body}.${createSign("sha256").update(body).sign(key, "base64url")}`;
}

/** As Kanidm signs, and many others where they are told to. */
export function signedByCurve(claims: Claims): string {
  const body = `${base64({ alg: "ES256", kid: "2" })}.${base64(claims)}`;
  const key = { key: curve.privateKey, dsaEncoding: "ieee-p1363" } as const;
  return `${body}.${createSign("sha256").update(body).sign(key, "base64url")}`;
}

function hashed(claims: Claims, secret: string): string {
  const body = `${base64({ alg: "HS256", kid: "1" })}.${base64(claims)}`;
  return `${body}.${createHmac("sha256", secret).update(body).digest("base64url")}`;
}

/** What it says when nothing is forged: an honest answer about mallory. */
function honest(issuer: string): Forged {
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: issuer, sub: "mallory", aud: "berth", iat: now, exp: now + 300, name: "Mallory" };
  return { claims, userinfo: { sub: "mallory" }, announcedIssuer: issuer, token: (all) => signed(all) };
}

/** Starts one on a free port. */
export async function startHostileProvider(): Promise<HostileProvider> {
  let issuer = "";
  const provider: HostileProvider = {
    issuer,
    forged: honest(issuer),
    reset: () => void Object.assign(provider, { issuer, forged: honest(issuer) }),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  const answers: Record<string, () => object> = {
    "/.well-known/openid-configuration": () => ({
      issuer: provider.forged.announcedIssuer,
      authorization_endpoint: `${issuer}/auth`,
      token_endpoint: `${issuer}/token`,
      userinfo_endpoint: `${issuer}/userinfo`,
      jwks_uri: `${issuer}/jwks`,
    }),
    "/jwks": () => ({
      keys: [
        { ...own.publicKey.export({ format: "jwk" }), kid: "1", use: "sig", alg: "RS256" },
        { ...curve.publicKey.export({ format: "jwk" }), kid: "2", use: "sig", alg: "ES256" },
      ],
    }),
    "/token": () => {
      const { token, claims } = provider.forged;
      return { access_token: "a", token_type: "Bearer", id_token: token(claims) };
    },
    "/userinfo": () => provider.forged.userinfo,
  };
  const server = createServer((request, response) => {
    request.resume();
    const answer = answers[request.url ?? ""]?.();
    response.writeHead(answer ? 200 : 404, { "content-type": "application/json" }).end(JSON.stringify(answer ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A server that listens on TCP has an address with a port.
  issuer = `http://localhost:${(server.address() as AddressInfo).port}`;
  provider.reset();
  return provider;
}

/** Answers that no client may take for a sign-on. */
export const forgeries: [string, (forged: Forged) => void][] = [
  [
    "alg none",
    (given) => Object.assign(given, { token: (all: Claims) => `${base64({ alg: "none" })}.${base64(all)}.` }),
  ],
  ["a foreign key", (given) => Object.assign(given, { token: (all: Claims) => signed(all, other.privateKey) })],
  [
    "the client's secret as key",
    (given) => Object.assign(given, { token: (all: Claims) => hashed(all, clientSecret) }),
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
