// What the end-to-end tests share: people with a token, their sign-in through the identity provider's own page, and a
// clean slate after each test.
import { test as base, expect, type Page } from "@playwright/test";
import { type Api, apiOf, stopAll } from "@/e2e/api";
import type { Answer } from "@/lib/endpoints";
import { api as paths } from "@/lib/paths";

export { expect };

/** Signs in as a demo account, by the button of the portal and the page of the real identity provider. */
export async function signIn(page: Page, account: string, path = "/"): Promise<void> {
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
