// B4: a provider (or somebody in its place) that sends id_tokens it should not.
import type { Server } from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { forgetOnce } from "@/dev/forget-once";
import {
  type Forged,
  forgeries,
  type HostileProvider,
  signedByCurve,
  startHostileProvider,
} from "@/dev/hostile-provider";
import { TestBrowser } from "@/dev/test-browser";
import { useDatabase } from "@/dev/test-database";
import { close, createPortal, listen, useConfig } from "@/dev/test-portal";
import { db } from "@/lib/db";

let portal: Server;
let provider: HostileProvider;
let origin: string;
let browser: TestBrowser;

useDatabase();

beforeAll(async () => {
  portal = createPortal();
  origin = await listen(portal);
  provider = await startHostileProvider();
});

afterAll(async () => {
  await close(portal);
  await provider.close();
});

beforeEach(() => {
  forgetOnce("rate:");
  useConfig({ url: origin, signIn: { issuer: provider.issuer } });
  browser = new TestBrowser(origin);
  provider.reset();
});

/** Goes through the flow; what the provider will say is settled once the nonce is known. */
async function signInWith(change: (forged: Forged) => void): Promise<string> {
  const begun = new URL(await browser.begin());
  provider.forged.claims.nonce = begun.searchParams.get("nonce");
  change(provider.forged);
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

describe("the algorithm of signatures", () => {
  const signIn = (idTokenAlgorithm: string) =>
    useConfig({ url: origin, signIn: { issuer: provider.issuer, idTokenAlgorithm } });
  const byCurve = (forged: Forged) => void Object.assign(forged, { token: signedByCurve });

  it("is the site's to name, as ES256", async () => {
    signIn("ES256");
    expect(await signInWith(byCurve)).toBe("/");
  });

  it("is not a token's to choose, though the key is the provider's", async () => {
    expect(await signInWith(byCurve)).toBe("/sign-in?problem=not-completed");
    signIn("ES256");
    provider.reset();
    expect(await signInWith(() => {})).toBe("/sign-in?problem=not-completed");
  });
});

it.each(forgeries)("refuses %s", async (_name, change) => {
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
