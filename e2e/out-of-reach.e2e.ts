// An open page whose portal, login or person is not what it was: nothing that is there is lost, and a word says what to do.
import type { Page } from "@playwright/test";
import { expect, signIn, test } from "@/e2e/fixtures";
import { settled } from "@/e2e/looks";
import { read, withFolder, write } from "@/e2e/test-files";
import { api, paths } from "@/lib/paths";

const files = "**/_next/static/**";
const cut = (page: Page) => page.route(files, (route) => route.abort("connectionrefused"));

test("a page whose files are out of reach stays, and has them once they are back", { tag: "@all" }, async ({
  page,
}) => {
  await signIn(page, "alice", paths.settings());
  await settled(page);
  await cut(page);
  await page.route(`**${api.signOut()}`, (route) => route.abort("connectionrefused"));
  const heading = page.getByRole("heading", { level: 1 });
  const dialog = page.getByRole("dialog");

  await page.keyboard.press("Control+k");
  await expect(dialog.getByText("This could not be loaded.")).toBeVisible();
  await dialog.getByRole("button", { name: "Try again" }).click();
  await expect(dialog.getByRole("button", { name: "Reload the page" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(heading).toBeVisible();

  await page.getByRole("button", { name: /Alice Arden/ }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByText("Signing out did not work")).toBeVisible();
  await expect(page.getByText("The portal cannot be reached.")).toBeVisible();
  await expect(heading).toBeVisible();

  await page.unroute(files);
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+k");
  await dialog.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByRole("combobox", { name: "Search or jump to…" })).toBeVisible();
});

test("unsaved text outlives the login, and is saved after signing in again in another tab", async ({
  page,
  context,
  alice,
  cluster,
}) => {
  await withFolder({ api: alice, cluster }, async (folder) => {
    const file = { cluster, path: `${folder}/job.sh` };
    await write(alice, file, "echo one\n");
    await signIn(page, "alice", paths.file(cluster, folder, "job.sh"));
    const editor = page.getByRole("textbox", { name: "Text of job.sh" });
    await editor.click();
    await page.keyboard.press("Control+End");
    await page.keyboard.type("echo two");
    const there = page.url();
    // Playwright answers what nobody listens to; "Leave site?" is what must not be asked.
    const asked: string[] = [];
    page.on("dialog", (dialog) => {
      asked.push(dialog.type());
      void dialog.dismiss();
    });

    await context.clearCookies();
    await page.getByRole("button", { name: "Save", exact: true }).click();
    const notice = page.getByRole("alert").filter({ hasText: "Your login has ended" });
    await expect(notice).toBeVisible();
    const opened = page.waitForEvent("popup");
    await notice.getByRole("link", { name: "Sign in in another tab" }).click();
    const other = await opened;
    await other.getByRole("button", { name: /^sign in with/i }).click();
    await other.getByRole("button", { name: /\balice( ·|$)/ }).click();
    await expect(other.getByRole("heading", { level: 1, name: /Alice/ })).toBeVisible();

    await page.getByRole("button", { name: "Save", exact: true }).click();
    await expect.poll(async () => (await read(alice, file)).toString()).toBe("echo one\necho two");
    await expect(notice).toHaveCount(0);
    expect(page.url()).toBe(there);
    expect(asked).toEqual([]);
  });
});

test("a tab becomes that of the person who has signed in since in another one", { tag: "@all" }, async ({ page }) => {
  await signIn(page, "alice", paths.settings());
  await settled(page);
  const other = await page.context().newPage();
  await signIn(other, "bob");
  await other.close();
  // A browser without a window never hides a tab.
  await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  await expect(page).toHaveURL(paths.home());
  await expect(page.getByRole("heading", { level: 1, name: /Bob/ })).toBeVisible();
  await expect(page.getByText("Alice Arden")).toHaveCount(0);
});
