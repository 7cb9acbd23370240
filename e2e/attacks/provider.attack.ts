// B1, B3, B4: a provider that sends what it should not, and people who claim what is not theirs, against a second portal of
// the same build: its accounts follow `preferred_username` on one cluster and the e-mail address on another.
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  type Claims,
  type Forged,
  forgeries,
  type HostileProvider,
  startHostileProvider,
} from "@/dev/hostile-provider";
import type { TestBrowser } from "@/dev/test-browser";
import { newBrowser } from "@/e2e/attacks/from-address";
import { type OtherPortal, startOtherPortal } from "@/e2e/attacks/other-portal";

let provider: HostileProvider;
let portal: OtherPortal;

beforeAll(async () => {
  provider = await startHostileProvider();
  portal = await startOtherPortal((settings) => {
    const [cluster] = settings.clusters;
    const byMail = { from: "claim", claim: "email", pattern: "([a-z]+)@example[.]org" };
    return {
      ...settings,
      signIn: { ...settings.signIn, issuer: provider.issuer },
      clusters: [cluster, { ...cluster, name: "mail", account: byMail }],
    };
  });
});

afterAll(async () => {
  await portal.stop();
  await provider.close();
});

beforeEach(() => provider.reset());

/** Goes through the flow; what the provider will say is settled once the nonce is known. */
async function signInWith(change: (forged: Forged) => void): Promise<{ browser: TestBrowser; page: string }> {
  const browser = newBrowser(portal.url);
  const begun = new URL(await browser.begin());
  const { claims } = provider.forged;
  Object.assign(claims, { nonce: begun.searchParams.get("nonce"), email: "m@example.org", email_verified: true });
  change(provider.forged);
  provider.forged.userinfo.sub ??= claims.sub;
  const state = begun.searchParams.get("state") ?? "";
  const page = await browser.follow(`/api/auth/callback/oidc?code=c&state=${state}`, browser.isPage);
  return { browser, page: `${page.pathname}${page.search}` };
}

const claiming = (claims: Claims) =>
  signInWith((forged) => {
    Object.assign(forged.claims, claims);
    forged.userinfo = { sub: forged.claims.sub };
  });

const logins = async () => Number((await portal.rows('select count(*) from "Login"'))[0]?.count);

describe("a provider that forges", () => {
  it("B4 is believed when it is honest, so the rows below are refused for what they forge", async () => {
    const { browser, page } = await signInWith(() => {});
    expect(page).toBe("/");
    expect((await browser.send("/api/me")).status).toBe(200);
  });

  it.each(forgeries)("B4 is refused: %s", async (_name, change) => {
    const before = await logins();
    const { browser, page } = await signInWith(change);
    expect(page).toBe("/sign-in?problem=not-completed");
    expect((await browser.send("/api/me")).status).toBe(401);
    expect(await logins()).toBe(before);
  });

  it("B4 is refused when it says that it is another one", async () => {
    const elsewhere = "https://other.example";
    const { page } = await signInWith((forged) => {
      forged.announcedIssuer = elsewhere;
      forged.claims.iss = elsewhere;
    });
    expect(page).toBe("/sign-in?problem=wrong-issuer");
    expect(await portal.rows('select 1 from "User" where issuer = $1', [elsewhere])).toEqual([]);
  });
});

describe("an e-mail address that nobody verified", () => {
  const values: [string, unknown][] = [
    ["false", false],
    ["absent", undefined],
    ["the text true", "true"],
    ["the number 1", 1],
    ["null", null],
    ["a list", [true]],
    ["an object", { value: true }],
  ];

  it.each(values)("B1 email_verified %s: no login where accounts follow the address", async (_name, value) => {
    const before = await logins();
    const sub = `unverified-${randomBytes(4).toString("hex")}`;
    const { browser, page } = await claiming({ sub, email: "alice@example.org", email_verified: value });
    expect(page).toBe("/sign-in?problem=email-unverified");
    expect((await browser.send("/api/me")).status).toBe(401);
    expect(await logins()).toBe(before);
    expect(await portal.rows('select 1 from "User" where subject = $1', [sub])).toEqual([]);
    const recorded = await portal.rows(
      `select data from "Event" where action = 'login.refused' and "subjectId" like $1`,
      [`% ${sub}`],
    );
    expect(recorded).toEqual([{ data: { reason: "email-unverified" } }]);
  });

  it("B1 cannot be verified by what is answered without a signature", async () => {
    const { page } = await signInWith((forged) => {
      Object.assign(forged.claims, { sub: "unsigned", email: "alice@example.org", email_verified: false });
      forged.userinfo = { sub: "unsigned", email: "alice@example.org", email_verified: true };
    });
    expect(page).toBe("/sign-in?problem=email-unverified");
  });
});

/** Whether the person may use the cluster, in the portal's own words. */
async function accountOn(browser: TestBrowser, cluster: string): Promise<{ status: number; words: string }> {
  const answer = await browser.send(`/api/clusters/${cluster}/modules`);
  return { status: answer.status, words: await answer.text() };
}

const refusalsOf = (sub: string) =>
  portal.rows<{ data: { account: string; reason: string } }>(
    `select e.data from "Event" e join "User" u on u.id = e."ownerId" where e.action = 'account.refused' and u.subject = $1`,
    [sub],
  );

describe("somebody who claims another's account", () => {
  it.each([
    ["hpc", { preferred_username: "alice" }],
    ["mail", { email: "alice@example.org" }],
  ])("B3 by the same claim with another subject gets nothing on %s", async (cluster, claims) => {
    const owner = await claiming({ sub: `alice-of-${cluster}`, ...claims });
    expect((await accountOn(owner.browser, cluster)).status).toBe(200);
    const thief = `thief-of-${cluster}`;
    const { browser } = await claiming({ sub: thief, ...claims });
    const { status, words } = await accountOn(browser, cluster);
    expect([status, words]).toEqual([422, expect.stringContaining("another person has it")]);
    expect(await refusalsOf(thief)).toMatchObject([{ data: { account: "alice", reason: "another person has it" } }]);
    expect((await accountOn(owner.browser, cluster)).status).toBe(200);
    const holders = await portal.rows(
      `select u.subject from "UnixAccount" a join "User" u on u.id = a."userId" where a.cluster = $1 and a.account = 'alice'`,
      [cluster],
    );
    expect(holders).toEqual([{ subject: `alice-of-${cluster}` }]);
  });

  it("B3 by changing what is claimed after the account was fixed stays who they are", async () => {
    const first = await claiming({ sub: "turncoat", preferred_username: "bob" });
    expect((await accountOn(first.browser, "hpc")).status).toBe(200);
    const again = await claiming({ sub: "turncoat", preferred_username: "carol" });
    expect((await accountOn(again.browser, "hpc")).status).toBe(200);
    const rows = await portal.rows(
      `select a.account from "UnixAccount" a join "User" u on u.id = a."userId" where u.subject = 'turncoat'`,
    );
    expect(rows).toEqual([{ account: "bob" }]);
  });

  const nobodys = ["root", "slurm", "munge", "daemon", "nobody", "berth-poll", "_apt", "berth"];
  const malformed = [
    "../x",
    "-x",
    "a b",
    "Root",
    "alice\n",
    "alice;id",
    "$(id)",
    "alice@evil",
    "\u0430lice",
    "x".repeat(33),
  ];

  it.each([...nobodys, ...malformed])("B3 by claiming to be %j is refused and on record", async (name) => {
    const sub = `claims-${Buffer.from(name).toString("hex").slice(0, 20)}`;
    const { browser } = await claiming({ sub, preferred_username: name });
    const { status, words } = await accountOn(browser, "hpc");
    expect([status, words]).toEqual([422, expect.stringMatching(/cannot be yours|is not a name of an account/)]);
    expect(await refusalsOf(sub)).toHaveLength(1);
    const rows = `select 1 from "UnixAccount" a join "User" u on u.id = a."userId" where u.subject = $1`;
    expect(await portal.rows(rows, [sub])).toEqual([]);
  });

  it("B3 by an address that only begins or ends like one of ours gets nothing", async () => {
    for (const email of ["alice@example.org.evil.example", "x alice@example.org", "alice@example.org\n"]) {
      const { browser } = await claiming({ sub: `mail-${Buffer.from(email).toString("hex").slice(-12)}`, email });
      expect((await accountOn(browser, "mail")).status).toBe(422);
    }
  });

  it("B3 does not become an administrator by claims of odd shapes", async () => {
    const shapes: Claims[] = [
      { roles: { admin: true } },
      { roles: [["admin"]] },
      { roles: "constructor" },
      { roles: ["__proto__", "toString"] },
      { groups: { 0: "admin" } },
      { "signIn.roles": ["admin"], roles: ["ADMIN", " admin\u0000", "admin,admin"] },
    ];
    for (const [at, shape] of shapes.entries()) {
      const { browser } = await claiming({ sub: `climber-${at}`, ...shape });
      const me = await (await browser.send("/api/me")).json();
      expect(me.roles).toEqual(["researcher"]);
    }
  });
});
