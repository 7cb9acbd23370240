// What is looked for when all attacks are over: the canaries that were sent before them, and the real secrets of this site
// and of every session that it had.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { vi } from "vitest";
import { canaryIn } from "@/e2e/attacks/canaries";
import { enterApp, forgedSecret, hostileApp } from "@/e2e/attacks/hostile-app";
import { plantedSecrets } from "@/e2e/attacks/planted";
import { signedIn, siteUnderTest } from "@/e2e/attacks/site";
import { noted, notedSecrets } from "@/e2e/attacks/witness";
import { unseal } from "@/lib/seal";

/** What it is, and the text that must not be found. */
export type Needles = Map<string, string>;

export const findIn = (needles: Needles, text: string): string[] =>
  [...needles].flatMap(([what, secret]) => (text.includes(secret) ? [what] : []));

export const ofSession = "secret of session";

/** The app secrets of all sessions that there were; one that was requeued had more than one. */
async function sessionSecrets(): Promise<[string, string][]> {
  vi.stubEnv("PORTAL_SECRET_FILE", join(siteUnderTest().data, "secret"));
  const rows = await notedSecrets();
  const opened = rows.map(({ sessionId, sealed }) => ({ sessionId, secret: unseal(sealed, "session-secret") }));
  // The same one may have been sealed twice.
  const bySecret = new Map(opened.map(({ sessionId, secret }) => [secret, sessionId]));
  bySecret.delete(forgedSecret);
  return [...bySecret].map(([secret, sessionId], index) => [`${ofSession} ${sessionId} (${index})`, secret]);
}

/** The one line of a key file that is the same in no other. */
const keyLine = (file: string): string => readFileSync(file, "utf8").trim().split("\n").at(-2) ?? "";

const tokens = (): [string, string][] => {
  // By person: dev/test/attack.ts made it.
  const all = JSON.parse(process.env.BERTH_TOKENS ?? "{}") as Record<string, string>;
  return Object.entries(all).map(([who, secret]) => [`token of ${who}`, secret]);
};

/** Of people: these are in no file at all. */
export const isOfPeople = (what: string): boolean => /^(canary in|token of|login of|app cookie of)/.test(what);

/** Canaries, and real secrets: of the site, of people who are signed in, of sessions. */
export async function allNeedles(): Promise<Needles> {
  const { data, port } = siteUnderTest();
  const alice = await hostileApp("alice");
  const login = (await signedIn("alice")).cookies.get(`__Host-berth-${port}`) ?? "";
  const [, appCookie = ""] = (await enterApp(alice.api, alice.id)).split("=");
  const needles: Needles = new Map([
    ...noted().sent.map((what) => [`canary in ${what}`, canaryIn(what)] as const),
    ...Object.entries(plantedSecrets()),
    ["PORTAL_SECRET", readFileSync(join(data, "secret"), "utf8").trim()],
    ["the provider's client secret", readFileSync(join(data, "oidc-client-secret"), "utf8").trim()],
    ["the key of the CA", keyLine(join(data, "ca"))],
    ["login of alice", login],
    ["app cookie of alice", appCookie],
    ...tokens(),
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
