// What is around every page: the palette, the theme, signing out; and a person's tokens.
import type { Page } from "@playwright/test";
import { apiOf, call, portalUnderTest } from "@/e2e/api";
import { expect, signIn, signInByHand, test } from "@/e2e/fixtures";
import { api as paths } from "@/lib/paths";

/** Types into the palette. A key pressed before the page has its scripts goes nowhere: people press it again. */
async function search(page: Page, words: string): Promise<void> {
  const box = page.getByRole("combobox", { name: "Search or jump to…" });
  await expect(async () => {
    await page.keyboard.press("Control+k");
    await expect(box).toBeVisible({ timeout: 3000 });
  }).toPass();
  await box.fill(words);
  await page.keyboard.press("Enter");
}

test("the palette finds pages, templates and actions by keyboard", { tag: "@all" }, async ({ page }) => {
  await signIn(page, "alice");
  await search(page, "clust");
  await expect(page).toHaveURL("/clusters");
  await search(page, "launch jupyter");
  await expect(page).toHaveURL(/\/launch\/jupyter/);
  await expect(page.getByRole("heading", { name: "Jupyter" })).toBeVisible();
});

test("the theme is kept, follows the system when asked to, and is there in the first byte", { tag: "@all" }, async ({
  page,
}) => {
  await signIn(page, "alice", "/settings");
  const html = page.locator("html");
  await page.getByRole("main").getByText("Dark", { exact: true }).click();
  await expect(html).toHaveAttribute("data-theme", "dark");
  const answer = await page.reload();
  expect(await answer?.text()).toMatch(/<html[^>]*data-theme="dark"/);
  await page.getByRole("main").getByText("System", { exact: true }).click();
  await page.reload();
  await expect(html).not.toHaveAttribute("data-theme");
});

test("a token made in the settings works within its scopes until it is revoked", async ({ page }) => {
  const { url } = portalUnderTest();
  const name = `nightly ${Date.now()}`;
  await signIn(page, "alice", "/settings");
  await page.getByRole("button", { name: "Create token" }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill(name);
  await dialog.getByRole("button", { name: "Create token" }).click();
  const secret = (await dialog.getByRole("status", { name: "The token's secret" }).textContent()) ?? "";
  await dialog.getByRole("button", { name: "Done" }).click();

  expect((await call<{ name: string }>(url + paths.me(), secret)).body.name).toBe("Alice Arden");
  const denied = await call(url + paths.sessions(), secret, { method: "POST", body: {} });
  expect(denied.status).toBe(403);
  await page.getByRole("button", { name: `Revoke ${name}` }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
  await expect(page.getByText(`Revoked ${name}`)).toBeVisible();
  await expect(page.getByRole("button", { name: `Revoke ${name}` })).toHaveCount(0);
  // Known callers are remembered for at most five seconds.
  await expect.poll(async () => (await call(url + paths.me(), secret)).status, { timeout: 7_000 }).toBe(401);
});

test("signing out ends the login here and at the provider, and the cookie is dead", async ({ page, context }) => {
  await signInByHand(page, "bob");
  const kept = await context.cookies();
  expect((await page.request.get(paths.me())).status()).toBe(200);
  await page.getByRole("button", { name: /Bob Brook/ }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL(/\/sign-in/);
  // The provider asks anew who one is: it has forgotten.
  await page.getByRole("button", { name: /^sign in with/i }).click();
  await expect(page.getByRole("heading", { name: "Who are you today?" })).toBeVisible();

  await context.addCookies(kept);
  expect((await page.request.get(paths.me())).status()).toBe(401);
  await page.goto("/sessions");
  await expect(page).toHaveURL(/\/sign-in/);
  expect((await apiOf("bob").ask(paths.me())).status).toBe(200);
});
