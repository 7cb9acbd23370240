// What the end-to-end tests share: people with a token, their sign-in through the identity provider's own page, and a
// clean slate after each test.
import { test as base, expect, type Page } from "@playwright/test";
import { TestBrowser } from "@/dev/test-browser";
import { type Api, apiOf, portalUnderTest, stopAll } from "@/e2e/api";
import type { Answer } from "@/lib/endpoints";
import { api as paths } from "@/lib/paths";

export { expect };

/**
 * Signs in as a demo account through the real identity provider and opens `path`. Every step is a real request, but none
 * draws a page: most journeys are about what comes after. signInByHand presses the buttons.
 */
export async function signIn(page: Page, account: string, path = "/"): Promise<void> {
  await signInAt(portalUnderTest().url, page, account);
  await page.goto(path);
}

/** The same at any portal, without opening a page. */
export async function signInAt(url: string, page: Page, account: string): Promise<void> {
  const browser = new TestBrowser(url);
  await browser.signIn(account);
  // A __Host- cookie is Secure, which the browser takes for https addresses only; it is sent to http://localhost all the same.
  const address = url.replace(/^http:/, "https:");
  const cookies = [...browser.cookies].map(([name, value]) => ({ name, value, url: address, secure: true }));
  await page.context().addCookies(cookies);
}

/** As people sign in: by the button of the portal and the page of the identity provider. */
export async function signInByHand(page: Page, account: string, path = "/"): Promise<void> {
  await page.goto(path);
  await page.getByRole("button", { name: /^sign in with/i }).click();
  await page.getByRole("button", { name: new RegExp(`\\b${account}( ·|$)`) }).click();
  await page.waitForURL((url) => url.href.startsWith(new URL(path, process.env.BERTH_URL).href));
}

type People = { alice: Api; bob: Api; cluster: string };

async function person(who: string, use: (api: Api) => Promise<void>): Promise<void> {
  const api = apiOf(who);
  await use(api);
  await stopAll(api);
}

export const test = base.extend<People>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names a fixture needs from this pattern.
  alice: async ({}, use) => person("alice", use),
  // biome-ignore lint/correctness/noEmptyPattern: as above.
  bob: async ({}, use) => person("bob", use),
  /** The one cluster of the demo under test: "local" or "hpc". */
  cluster: async ({ alice }, use) => {
    const { items } = await alice.must<Answer<"clusters">>(paths.clusters());
    await use(items[0]?.name ?? "");
  },
});
