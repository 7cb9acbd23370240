// The form: filled by a link, refused beside the field that is wrong, and usable with a keyboard alone.
import { setTimeout as delay } from "node:timers/promises";
import type { Locator, Page } from "@playwright/test";
import { smallFolder } from "@/e2e/api";
import { expect, signIn, test } from "@/e2e/fixtures";
import { api as paths } from "@/lib/paths";

test("a link fills the form, and the form writes the link", async ({ page }) => {
  await signIn(page, "alice", "/launch/jupyter?name=Deep&cpus=3&memoryGiB=5&minutes=90");
  await expect(page.getByLabel("Name")).toHaveValue("Deep");
  await expect(page.getByRole("spinbutton", { name: "Cores" })).toHaveValue("3");
  await expect(page.getByRole("spinbutton", { name: "Memory" })).toHaveValue("5");
  await expect(page.getByRole("spinbutton", { name: "Time" })).toHaveValue("1.5");
  await page.getByRole("spinbutton", { name: "Memory" }).fill("6");
  await expect(page).toHaveURL(/memoryGiB=6/);
  await page.reload();
  await expect(page.getByRole("spinbutton", { name: "Memory" })).toHaveValue("6");
});

test("what is typed is what stands there, zeros after the point as well", async ({ page }) => {
  await signIn(page, "alice", "/launch/jupyter");
  const time = page.getByRole("spinbutton", { name: "Time" });
  await time.fill("");
  await time.pressSequentially("1.05");
  await expect(time).toHaveValue("1.05");
  await expect(page).toHaveURL(/minutes=63/);
});

test("a link to a cluster that is gone says so, and leads to another", async ({ page, cluster }) => {
  await signIn(page, "alice", "/launch/web-folder?cluster=old");
  await expect(page.getByText("There is no cluster old any more.").first()).toBeVisible();
  await expect(page.getByRole("button", { name: "Launch", exact: true })).toBeDisabled();
  // With the only one chosen there is nothing more to choose, and the choice goes.
  await page.locator("label", { has: page.locator(`input[name=cluster][value=${cluster}]`) }).click();
  await expect(page.getByText("Can be launched")).toBeVisible();
});

test("what is not allowed is said beside its field, with the fix, and the server says the same", async ({
  page,
  alice,
  cluster,
}) => {
  await signIn(page, "alice", "/launch/web-folder?cpus=900");
  const cores = page.getByRole("spinbutton", { name: "Cores" });
  await expect(cores).toHaveAttribute("aria-invalid", "true");
  await expect(cores).toHaveAccessibleDescription(/at most 4 cores/);
  await expect(page.getByText("Not yet")).toBeVisible();
  const launch = page.getByRole("button", { name: "Launch", exact: true });
  await expect(launch).toBeDisabled();
  await expect(launch).toHaveAccessibleDescription(/Fix \w+ things? first/);
  const refused = await alice.ask<{ code: string; fields: Record<string, string> }>(paths.sessions(), {
    method: "POST",
    body: smallFolder(cluster, { cpus: 900 }),
    headers: { "idempotency-key": `too many cores ${Date.now()}` },
  });
  expect(refused.status).toBe(422);
  expect(refused.body.fields.cpus).toMatch(/at most 4 cores|has \d+ cores/);
  await page.getByRole("button", { name: "Use 4" }).first().click();
  await expect(cores).toHaveValue("4");
});

test("launching right after a change leads to the session, however slow its page is", async ({ page, alice }) => {
  // The fault itself, a slow answer: longer than the form waits before it writes its address, the two must not meet.
  const slower = 800;
  await page.route(/\/sessions\/[a-z0-9]{16}\?_rsc/, async (route) => {
    await delay(slower);
    await route.continue();
  });
  await signIn(page, "alice", "/launch/web-folder");
  await expect(page.getByText("Can be launched")).toBeVisible();
  await page.getByLabel("Name").fill("At once");
  await page.getByRole("button", { name: "Launch", exact: true }).click();
  await expect(page.getByRole("heading", { name: "At once" })).toBeVisible();
  await expect(page).toHaveURL(/\/sessions\/[a-z][a-z0-9]{15}$/);
  expect((await alice.live()).map(({ name }) => name)).toEqual(["At once"]);
});

/** Presses Tab until `target` has the focus. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  await target.waitFor();
  for (let press = 0; press < 80; press += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error("Tab never reached it.");
}

test("a session is launched and stopped with the keyboard alone", async ({ page, alice }) => {
  await signIn(page, "alice");
  // A key pressed before the page has its scripts goes nowhere: people press it again.
  await expect(async () => {
    await page.keyboard.press("g");
    await page.keyboard.press("l");
    await expect(page).toHaveURL("/launch", { timeout: 3000 });
  }).toPass();
  await tabTo(page, page.getByRole("main").getByRole("link", { name: "Web folder" }));
  await page.keyboard.press("Enter");
  await tabTo(page, page.getByLabel("Name"));
  await page.keyboard.type("By keyboard");
  await expect(page.getByText("Can be launched")).toBeVisible();
  await tabTo(page, page.getByRole("button", { name: "Launch", exact: true }));
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Web folder is ready" })).toBeVisible({ timeout: 60_000 });
  await tabTo(page, page.getByRole("button", { name: "Stop", exact: true }));
  await page.keyboard.press("Enter");
  await tabTo(page, page.getByRole("dialog").getByRole("button", { name: "Stop session" }));
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Stopped", exact: true })).toBeVisible({ timeout: 60_000 });
  expect(await alice.live()).toEqual([]);
});
