// The address of a terminal's socket, with whatever somebody may bring along, and in every spelling. Every kind of upgrade as
// everybody is in upgrades.attack.ts.
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { TestBrowser } from "@/dev/test-browser";
import type { Api } from "@/e2e/api";
import { browserOf } from "@/e2e/attacks/from-address";
import { hostileApp } from "@/e2e/attacks/hostile-app";
import { plantPerson, plantToken } from "@/e2e/attacks/planted-rows";
import { apiAs, siteUnderTest, upgrade } from "@/e2e/attacks/site";
import { asPage, endTerminal, newTerminal } from "@/e2e/attacks/terminal-socket";
import { scopes } from "@/lib/auth/schema";
import { api as paths } from "@/lib/paths";

const { url } = siteUnderTest();
let alice: Api;
let page: TestBrowser;
let id: string;

beforeAll(async () => {
  alice = apiAs("alice");
  page = await browserOf("alice");
  id = await newTerminal(alice);
});
afterAll(() => endTerminal(alice, id));

const bearer = async (flaws: Parameters<typeof plantToken>[1] = {}) => ({
  authorization: `Bearer ${(await plantToken("alice", flaws)).secret}`,
});
const asking: [string, number, () => Promise<Record<string, string>>][] = [
  ["the owner's page", 101, async () => asPage(page)],
  ["the owner's script", 101, () => bearer()],
  ["anonymous", 401, async () => ({ origin: url })],
  [
    "a made-up cookie",
    401,
    async () => ({ origin: url, cookie: asPage(page).cookie.replace(/.{40}$/, "x".repeat(40)) }),
  ],
  ["a made-up token", 401, async () => ({ authorization: `Bearer berth_${"x".repeat(43)}` })],
  ["an expired token", 401, () => bearer({ isExpired: true })],
  ["a revoked token", 401, () => bearer({ isRevoked: true })],
  ["a token without the scope", 403, () => bearer({ scopes: scopes.filter((scope) => scope !== "terminals:write") })],
  ["a bad token beside a good cookie", 401, async () => ({ ...asPage(page), ...(await bearer({ isRevoked: true })) })],
  ["an app's cookie", 401, async () => ({ origin: url, cookie: (await hostileApp("alice")).cookie })],
];

it.each(asking)("B8 C9 a terminal's socket as %s is answered %i", async (_who, status, headersOf) => {
  expect((await upgrade(paths.terminalSocket(id), { headers: await headersOf() })).status).toBe(status);
});

it("B8 C9 a disabled person's token opens no socket", async () => {
  const gone = `gone-${randomBytes(4).toString("hex")}`;
  await plantPerson(gone, { isDisabled: true });
  const headers = { authorization: `Bearer ${(await plantToken(gone)).secret}` };
  expect((await upgrade(paths.terminalSocket(id), { headers })).status).toBe(401);
});

const spellings = [
  "//api/terminals/ID/socket",
  "/api//terminals/ID/socket",
  "/api/terminals/ID/socket/",
  "/API/terminals/ID/socket",
];
const dotted = [
  "/api/terminals/x/../ID/socket",
  "/api/terminals/%49D/socket",
  "/api/terminals/ID%00/socket",
  "/api/terminals/ID/socket?x=1",
];

it.each([...spellings, ...dotted])("B8 C3 no other spelling of a socket's address is one: %s", async (spelling) => {
  const { status } = await upgrade(spelling.replace("ID", id), { headers: asPage(page) });
  expect([400, 404]).toContain(status);
});

it("B8 C1 an app's host has no terminal, whatever is sent along", async () => {
  const host = siteUnderTest().appsHosts.replace("*", "abcdefghijklmnop");
  const headers = { ...asPage(page), origin: `http://${host}` };
  expect((await upgrade(paths.terminalSocket(id), { host, headers })).status).toBeGreaterThanOrEqual(401);
});
