// P5: how often one person and one address may ask. Each row uses people and addresses of its own, so that the minute it
// uses up is nobody else's.
import { randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import { newBrowser, ownAddress, sendFrom } from "@/e2e/attacks/from-address";
import { plantPerson, plantSession, plantTerminal, plantToken } from "@/e2e/attacks/planted-rows";
import { inDatabase, siteUnderTest } from "@/e2e/attacks/site";

const { url } = siteUnderTest();

async function newPerson(): Promise<{ subject: string; authorization: string }> {
  const subject = `hasty-${randomBytes(4).toString("hex")}`;
  await plantPerson(subject);
  return { subject, authorization: `Bearer ${(await plantToken(subject)).secret}` };
}

type Asked = Parameters<typeof sendFrom>[1];

/** Sends until it is refused, eight at a time; answers how many were let through, and the refusal. */
async function untilRefused(path: string, asked: Asked, most: number): Promise<{ passed: number; refusal: Response }> {
  const address = new URL(path, url);
  for (let passed = 0; passed < most; ) {
    const replies = await Promise.all(Array.from({ length: 8 }, () => sendFrom(address, asked)));
    const refusal = replies.find(({ status }) => status === 429);
    passed += replies.filter(({ status }) => status !== 429).length;
    if (refusal) return { passed, refusal };
  }
  throw new Error(`${path} was never refused, ${most} times.`);
}

function expectPatience(refusal: Response): void {
  const seconds = Number(refusal.headers.get("retry-after"));
  expect(seconds).toBeGreaterThanOrEqual(1);
  expect(seconds).toBeLessThanOrEqual(60);
}

const folder = { template: "nowhere", cluster: "hpc", cpus: 1, memoryGiB: 0.2, minutes: 30 };

const endpoints: [string, number, (subject: string) => Promise<{ path: string; asked: Partial<Asked> }>][] = [
  [
    "asking for sessions",
    60,
    async () => {
      const headers = { "content-type": "application/json", "idempotency-key": "hasty" };
      return { path: "/api/sessions", asked: { method: "POST", headers, body: Buffer.from(JSON.stringify(folder)) } };
    },
  ],
  [
    "asking for tickets",
    120,
    async (subject) => ({ path: `/api/sessions/${await plantSession(subject)}/ticket`, asked: { method: "POST" } }),
  ],
  [
    "opening terminals",
    30,
    async () => {
      const headers = { "content-type": "application/json" };
      return { path: "/api/terminals", asked: { method: "POST", headers, body: Buffer.from("{}") } };
    },
  ],
  [
    "asking for a terminal's tickets",
    300,
    async (subject) => ({ path: `/api/terminals/${await plantTerminal(subject)}/ticket`, asked: { method: "POST" } }),
  ],
  ["searching", 300, async () => ({ path: "/api/sessions?search=x", asked: {} })],
  [
    "making tokens",
    20,
    async () => {
      const headers = { "content-type": "application/json" };
      return { path: "/api/tokens", asked: { method: "POST", headers, body: Buffer.from("{}") } };
    },
  ],
];

it.each(endpoints)("P5 %s is limited per person, from whichever address", async (_what, perMinute, prepare) => {
  const { subject, authorization } = await newPerson();
  const { path, asked } = await prepare(subject);
  const headers = { ...asked.headers, authorization };
  const { passed, refusal } = await untilRefused(
    path,
    { ...asked, headers, localAddress: ownAddress() },
    perMinute + 16,
  );
  expect(passed).toBe(perMinute);
  expectPatience(refusal);
  expect(await refusal.json()).toMatchObject({ code: "too_many", status: 429 });
  // Another address is no way around it, and another person at the same address is not made to wait.
  const elsewhere = await sendFrom(new URL(path, url), { ...asked, headers, localAddress: ownAddress() });
  expect(elsewhere.status).toBe(429);
  const somebodyElse = { ...asked.headers, authorization: (await newPerson()).authorization };
  const other = await sendFrom(new URL(path, url), { ...asked, headers: somebodyElse, localAddress: ownAddress() });
  expect(other.status).not.toBe(429);
});

it("P5 signing in is limited per address, whoever claims to be which proxy", async () => {
  const localAddress = ownAddress();
  const headers = { "sec-fetch-site": "same-origin", "content-type": "application/x-www-form-urlencoded" };
  const forwarded = () => ({
    "x-forwarded-for": ownAddress(),
    "x-real-ip": ownAddress(),
    forwarded: `for=${ownAddress()}`,
  });
  const asked = { method: "POST", body: Buffer.from("callbackUrl=/"), localAddress };
  const lied = { ...headers, ...forwarded(), "x-berth-address": ownAddress() };
  const { passed, refusal } = await untilRefused("/api/auth/signin/oidc", { ...asked, headers: lied }, 316);
  expect(passed).toBe(300);
  expectPatience(refusal);
  expect(await refusal.text()).toContain("/sign-in?problem=too-many");
  const again = { ...headers, ...forwarded() };
  expect((await sendFrom(new URL("/api/auth/signin/oidc", url), { ...asked, headers: again })).status).toBe(429);
  const neighbour = newBrowser();
  expect((await neighbour.signIn("bob")).pathname).toBe("/");
});

it("P5 what other sites have a browser ask for uses up nobody's tries to sign in", async () => {
  const localAddress = ownAddress();
  const begin = new URL("/api/auth/signin/oidc", url);
  const form = { "content-type": "application/x-www-form-urlencoded" };
  const asked = { method: "POST", body: Buffer.from("callbackUrl=/"), localAddress };
  for (let round = 0; round < 110; round += 1) {
    const statuses = await Promise.all([
      sendFrom(new URL("/api/auth/x", url), { headers: { "sec-fetch-site": "cross-site" }, localAddress }),
      sendFrom(new URL("/api/auth/callback/oidc?code=c&state=s", url), { headers: {}, localAddress }),
      sendFrom(begin, { ...asked, headers: { ...form, "sec-fetch-site": "cross-site" } }),
    ]);
    expect(statuses.map(({ status }) => status)).toEqual([404, 303, 403]);
  }
  expect((await sendFrom(begin, { ...asked, headers: { ...form, "sec-fetch-site": "same-origin" } })).status).toBe(200);
});

it("P5 guessing tokens is limited per address, and asks nobody's patience but the guesser's", async () => {
  const localAddress = ownAddress();
  const guess = () => ({ authorization: `Bearer berth_${randomBytes(32).toString("base64url")}` });
  const { passed, refusal } = await untilRefused("/api/me", { headers: guess(), localAddress }, 316);
  expect(passed).toBe(300);
  expectPatience(refusal);
  expect((await sendFrom(new URL("/api/me", url), { headers: guess(), localAddress })).status).toBe(429);
  expect((await sendFrom(new URL("/api/me", url), { headers: guess(), localAddress: ownAddress() })).status).toBe(401);
  // Whoever is known is counted by who they are, not by the address they share with the guesser.
  const { authorization } = await newPerson();
  expect((await sendFrom(new URL("/api/me", url), { headers: { authorization }, localAddress })).status).toBe(200);
});

it.each([
  ["/settings", 307, "/sign-in?from="],
  ["/no-access", 307, "/sign-in?from="],
])("P5 guessing tokens is limited per address at the page %s, too, which then says so", async (path, status, leads) => {
  const localAddress = ownAddress();
  const guess = async () => {
    const headers = { authorization: `Bearer berth_${randomBytes(32).toString("base64url")}` };
    const reply = await sendFrom(new URL(path, url), { headers, localAddress });
    expect(reply.status).toBe(status);
    return reply.headers.get("location") ?? "";
  };
  const told: string[] = [];
  while (told.length < 312) told.push(...(await Promise.all(Array.from({ length: 8 }, guess))));
  expect(told.filter((location) => location.includes(leads))).toHaveLength(300);
  expect(told.filter((location) => location.endsWith("/sign-in?problem=too-many"))).toHaveLength(told.length - 300);
});

it("P5 one person has at most twenty event streams", async () => {
  const { subject, authorization } = await newPerson();
  const address = new URL("/api/events", url);
  const stop = new AbortController();
  const open = () => fetch(address, { headers: { authorization }, signal: stop.signal });
  const streams = await Promise.all(Array.from({ length: 22 }, open));
  expect(streams.filter(({ status }) => status === 200)).toHaveLength(20);
  for (const { headers } of streams.filter(({ status }) => status === 429)) {
    expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
  }
  stop.abort();
  expect(await inDatabase('select 1 from "User" where subject = $1', [subject])).toHaveLength(1);
});
