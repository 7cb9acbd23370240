// A real Chromium for rows whose defence is the browser's: signed in at the portal, with an app's page open beside it.
import { type Browser, type BrowserContext, chromium, type Page } from "@playwright/test";
import { shellOptions } from "@/dev/chromium";
import type { HostileApp } from "@/e2e/attacks/hostile-app";
import { siteUnderTest } from "@/e2e/attacks/site";
import { api as paths } from "@/lib/paths";

export const startBrowser = (): Promise<Browser> => chromium.launch(shellOptions);

/** By the portal's button and the provider's page, as a person does. */
export async function signIn(page: Page, who: string): Promise<void> {
  const { url } = siteUnderTest();
  await page.goto(url);
  await page.getByRole("button", { name: /^sign in with/i }).click();
  await page.getByRole("button", { name: new RegExp(`\\b${who}( ·|$)`) }).click();
  await page.waitForURL(`${url}/`);
}

/** A page of the app's own origin, entered by a ticket. What it evaluates is what the app's page would run. */
export async function openHostile(context: BrowserContext, { api, id }: HostileApp): Promise<Page> {
  const { url } = await api.must<{ url: string }>(paths.ticket(id), { method: "POST" });
  const page = await context.newPage();
  await page.goto(url);
  return page;
}
