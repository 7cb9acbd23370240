// Cookies that an app sets for more than itself. Those in its answers lose their Domain at the gateway; those of its scripts
// reach the parent domain where there is one, and then must not shadow the portal's own.
import type { Browser, BrowserContext, Page } from "@playwright/test";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { type HostileApp, hostileApp, saying } from "@/e2e/attacks/hostile-app";
import { openHostile, signIn, startBrowser } from "@/e2e/attacks/open-hostile";
import { siteUnderTest } from "@/e2e/attacks/site";
import { api as paths } from "@/lib/paths";

let browser: Browser;
let context: BrowserContext;
let portal: Page;
let app: HostileApp;
const { url, port } = siteUnderTest();
const parent = new URL(url).hostname.replace(/^portal\./, "");
const login = `__Host-berth-${port}`;

beforeAll(async () => {
  app = await hostileApp("alice");
  browser = await startBrowser();
});
afterAll(() => browser.close());
beforeEach(async () => {
  context = await browser.newContext();
  portal = await context.newPage();
});
afterEach(() => context.close());

const portalCookies = async () => (await context.cookies(url)).map(({ name }) => name);

async function expectPortalWorks(): Promise<void> {
  const status = await portal.evaluate(async (path) => (await fetch(path)).status, paths.me());
  expect(status).toBe(200);
  await portal.goto(`${url}/sessions`);
  expect(new URL(portal.url()).pathname).toBe("/sessions");
}

/** The app answers with these Set-Cookie lines, and its owner sees the answer. */
async function tossByAnswer(cookies: string[]): Promise<void> {
  const page = await openHostile(context, app);
  const headers = cookies.map((cookie): [string, string] => ["Set-Cookie", cookie]);
  await page.goto(`http://${app.host}${saying("tossed", headers)}`);
  await page.close();
}

const attributes = [
  `Domain=${parent}; Path=/`,
  `domain = .${parent}; Path=/; Secure`,
  `Domain=${new URL(url).hostname}; Path=/`,
];

it("D3 cookies of an app's answer with a Domain, however it is written, stay with the app", async () => {
  await signIn(portal, "alice");
  const before = await portalCookies();
  const names = ["tossed", login, "__Secure-next-auth.session-token"];
  await tossByAnswer(attributes.flatMap((attribute, at) => names.map((name) => `${name}${at}=evil; ${attribute}`)));
  await tossByAnswer(attributes.flatMap((attribute) => names.map((name) => `${name}=evil; ${attribute}`)));
  expect(await portalCookies()).toEqual(before);
  await expectPortalWorks();
});

it.each([login, `__Host-berth-app-${port}`, `__host-Berth-${port}`, "next-auth.session-token", ""])(
  "D3 an app sets no cookie of the portal's names: %j",
  async (name) => {
    const pair = name === "" ? `=${login}=evil` : `${name}=evil`;
    const { headers } = await app.ask(saying("", [["Set-Cookie", `${pair}; Path=/; Secure`]]));
    expect(headers["set-cookie"]).toBeUndefined();
  },
);

it("D3 two hundred cookies and a huge one in an app's answers leave the portal's login alone", async () => {
  await signIn(portal, "alice");
  const many = Array.from({ length: 100 }, (_, index) => index);
  for (const round of [0, 1]) await tossByAnswer(many.map((index) => `f${round}-${index}=x; Domain=${parent}`));
  await tossByAnswer([`huge=${"x".repeat(4000)}; Domain=${parent}; Path=/`]);
  expect((await portalCookies()).filter((name) => /^f\d|huge/.test(name))).toEqual([]);
  await expectPortalWorks();
});

/** As a script of the app does it, for the domain above it. */
const setByScript = (page: Page, names: string[]) =>
  page.evaluate(
    `for (const name of ${JSON.stringify(names)}) document.cookie = name + "=evil; path=/; secure; domain=${parent}"`,
  );

it("D3 cookies that an app's script sets for the parent domain do not shadow the login", async () => {
  await signIn(portal, "alice");
  const page = await openHostile(context, app);
  await setByScript(page, [login, "berth", "next-auth.session-token"]);
  await page.close();
  const mine = (await context.cookies(url)).filter(({ name }) => name === login);
  expect(mine.map(({ value }) => value)).not.toContain("evil");
  await expectPortalWorks();
});

it("D3 after two hundred cookies of an app's script for the parent domain one can sign in", async () => {
  const page = await openHostile(context, app);
  await setByScript(
    page,
    Array.from({ length: 200 }, (_, index) => `flood-${index}`),
  );
  await page.close();
  await signIn(portal, "alice");
  await expectPortalWorks();
});
