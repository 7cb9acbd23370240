// What is looked for when all attacks are over: canaries sent in every place where a secret travels, and the real secrets of
// this site, of which a look into its database and files tells.
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { vi } from "vitest";
import { enterApp, hostileApp } from "@/e2e/attacks/hostile-app";
import { plantedSecrets } from "@/e2e/attacks/planted";
import { apiAs, appHost, inDatabase, portalHost, send, sendRaw, signedIn, siteUnderTest } from "@/e2e/attacks/site";
import { api as paths } from "@/lib/paths";
import { unseal } from "@/lib/seal";

/** What it is, and the text that must not be found. */
export type Needles = Map<string, string>;

export const findIn = (needles: Needles, text: string): string[] =>
  [...needles].flatMap(([what, secret]) => (text.includes(secret) ? [what] : []));

const canary = (): string => `canary${randomBytes(28).toString("hex")}`.slice(0, 43);

/** Sends a canary in each place where a secret travels, mostly where it ends in an error. Answers what came back. */
export async function plantCanaries(): Promise<{ needles: Needles; answers: string[] }> {
  const needles: Needles = new Map();
  const planted = (what: string) => {
    const secret = canary();
    needles.set(`canary in ${what}`, secret);
    return secret;
  };
  const { port } = siteUnderTest();
  const app = appHost("abcdefghij234567");
  const json = { "content-type": "application/json" };
  const asAlice = { ...json, authorization: `Bearer ${apiAs("alice").secret}` };
  const password = () => JSON.stringify({ password: planted("a password field"), secret: planted("a secret field") });
  const answers = await Promise.all([
    send(paths.me(), { headers: { authorization: `Bearer berth_${planted("a token")}` } }),
    send(paths.me(), { headers: { authorization: `Basic ${planted("a password")}` } }),
    send(paths.me(), { headers: { cookie: `__Host-berth-${port}=${planted("the login cookie")}` } }),
    send("/settings", { headers: { cookie: `__Host-berth-${port}=${planted("a page's login cookie")}` } }),
    send("/", { host: app, headers: { cookie: `__Host-berth-app-${port}=${planted("an app's cookie")}` } }),
    send(`/.berth/enter?ticket=${planted("a ticket")}`, { host: app }),
    send(`${paths.sessions()}?token=${planted("a query")}`, { headers: asAlice }),
    send(paths.sessions(), { method: "POST", headers: asAlice, body: password() }),
    send(paths.tokens(), { method: "POST", headers: asAlice, body: `{"password":"${planted("malformed JSON")}` }),
    send(`/api/auth/callback/oidc?code=${planted("a code")}&state=${planted("a state")}`),
    send("/api/auth/signin/oidc", { method: "POST", headers: json, body: password() }),
    send(paths.health(), { headers: { "x-api-key": planted("a key"), "x-auth-token": planted("a header") } }),
  ]);
  const head = `Host: ${portalHost()}\r\nAuthorization: Bearer ${planted("a malformed head")}\r\n`;
  const { text } = await sendRaw(`GET / HTTP/1.1\r\n${head}Broken Header\r\n\r\n`);
  return { needles, answers: [...answers.map(({ headers, body }) => JSON.stringify(headers) + body), text] };
}

/** The app secrets of all sessions that live. */
async function sessionSecrets(): Promise<[string, string][]> {
  vi.stubEnv("PORTAL_SECRET_FILE", join(siteUnderTest().data, "secret"));
  const sql = `select id, "secretSealed" as sealed from "Session" where "secretSealed" is not null and state <> 'ended'`;
  const rows = await inDatabase<{ id: string; sealed: string }>(sql);
  return rows.map(({ id, sealed }) => [`secret of session ${id}`, unseal(sealed, "session-secret")]);
}

/** The one line of a key file that is the same in no other. */
const keyLine = (file: string): string => readFileSync(file, "utf8").trim().split("\n").at(-2) ?? "";

/** Real secrets: of the site, of people who are signed in, of sessions. */
export async function realSecrets(): Promise<Needles> {
  const { data, port } = siteUnderTest();
  const alice = await hostileApp("alice");
  const login = (await signedIn("alice")).cookies.get(`__Host-berth-${port}`) ?? "";
  const [, appCookie = ""] = (await enterApp(alice.api, alice.id)).split("=");
  const needles: Needles = new Map([
    ...Object.entries(plantedSecrets()),
    ["PORTAL_SECRET", readFileSync(join(data, "secret"), "utf8").trim()],
    ["the provider's client secret", readFileSync(join(data, "oidc-client-secret"), "utf8").trim()],
    ["the key of the CA", keyLine(join(data, "ca"))],
    ["alice's login", login],
    ["alice's app cookie", appCookie],
    ["alice's token", alice.api.secret],
    ["bob's token", apiAs("bob").secret],
    ...(await sessionSecrets()),
  ]);
  for (const [what, secret] of needles) if (secret.length < 16) throw new Error(`${what} is no secret: too short.`);
  return needles;
}

/** What any secret of ours looks like, also those that earlier files had. */
export const secretForms: Record<string, RegExp> = {
  "a token": /berth_[\w-]{43}/,
  "a login or an id_token": /eyJ[\w-]{10,}\.[\w-]*\.[\w-]{16,}/,
  "a ticket": /ticket=[\w-]{43}/,
  "a private key": /-----BEGIN [A-Z ]*PRIVATE KEY/,
  "a secret shown to a door": /BERTH-DOOR [0-9a-f]{64}/,
};
