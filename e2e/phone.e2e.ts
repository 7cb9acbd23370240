// A phone of 360 px: launching and opening without scrolling for the button, and lists that are read downwards only.
import { expect, signIn, test } from "@/e2e/fixtures";
import { settled, sizes } from "@/e2e/looks";
import { paths } from "@/lib/paths";

test.use({ viewport: sizes.narrow, hasTouch: true });

test("on a phone the launch button is in reach from the form's first line, and a row leads to its session", async ({
  page,
  alice,
}) => {
  await signIn(page, "alice", `${paths.compose("web-folder")}?name=By+thumb&memoryGiB=0.2`);
  const launch = page.getByRole("button", { name: "Launch", exact: true });
  await settled(page);
  await expect(launch).toBeInViewport({ ratio: 1 });
  await launch.tap();
  await expect(page.getByRole("heading", { name: "Web folder is ready" })).toBeVisible({ timeout: 60_000 });
  await expect(page.getByRole("button", { name: "Open", exact: true })).toBeInViewport();

  await page.goto(paths.sessions());
  await page.getByRole("link", { name: "By thumb" }).tap();
  await expect(page).toHaveURL(/\/sessions\/[a-z][a-z0-9]{15}$/);
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(wider).toBe(0);
  expect((await alice.live()).map(({ name }) => name)).toEqual(["By thumb"]);
});

test("the session list is searched and filtered with the keyboard alone, and the address says how", {
  tag: "@all",
}, async ({ page, alice, cluster }) => {
  const { id } = await alice.create({
    template: "web-folder",
    cluster,
    cpus: 1,
    memoryGiB: 0.2,
    minutes: 30,
    name: "Needle",
  });
  await signIn(page, "alice", paths.sessions());
  await page.getByRole("radio", { name: "All" }).focus();
  await page.keyboard.press("ArrowRight");
  await expect(page).toHaveURL(/state=live/);
  await page.keyboard.press("Tab");
  await expect(page.getByRole("searchbox", { name: "Search by name or id" })).toBeFocused();
  await page.keyboard.type("needle");
  await expect(page).toHaveURL(/q=needle/);
  // Until the answer is there, the first row may be another one, which then goes and takes the focus with it.
  const others = page.getByRole("row").filter({ has: page.getByRole("link"), hasNotText: "Needle" });
  await expect(others).toHaveCount(0);
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Needle" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(paths.session(id));
});
