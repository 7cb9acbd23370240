// Files in the browser: finding, renaming, downloading, deleting and putting back, and on a phone.
import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { expect, signIn, test } from "@/e2e/fixtures";
import { faultsOf, settled, sizes } from "@/e2e/looks";
import { act, read, withFolder, write } from "@/e2e/test-files";
import { paths } from "@/lib/paths";

const row = (page: Page, name: string) => page.getByRole("row").filter({ has: page.getByText(name, { exact: true }) });

/** Opens the menu of an entry and chooses from it. */
async function choose(page: Page, name: string, what: string): Promise<void> {
  await page.getByRole("button", { name: `What can be done with ${name}` }).click();
  await page.getByRole("menuitem", { name: what, exact: true }).click();
}

test("folders are found from the navigation, sorted and filtered by the address, and walked by keyboard", async ({
  page,
  alice,
  cluster,
}) => {
  await withFolder({ api: alice, cluster }, async (folder) => {
    for (const name of ["run10.csv", "run9.csv", ".hidden"])
      await act(alice, { action: "file", cluster, path: `${folder}/${name}`, confirm: true });
    await act(alice, { action: "folder", cluster, path: `${folder}/results`, confirm: false });
    await write(alice, { cluster, path: `${folder}/results/inner.txt` }, "x");
    await signIn(page, "alice");
    await page.getByRole("link", { name: "Files", exact: true }).click();
    await page.getByRole("main").getByRole("link", { name: /^Home/ }).first().click();
    await page.getByRole("link", { name: folder.slice(2), exact: true }).click();
    await expect(page.getByRole("heading", { name: folder.slice(2) })).toBeVisible();
    const names = page.getByRole("row").getByRole("link");
    await expect(names).toHaveText(["results", "run9.csv", "run10.csv"]);

    await page.getByRole("button", { name: "Hidden files" }).click();
    await expect(names).toHaveText(["results", ".hidden", "run9.csv", "run10.csv"]);
    await page.getByRole("searchbox", { name: "Filter by name" }).fill("RUN1");
    await expect(names).toHaveText(["run10.csv"]);
    await expect(page).toHaveURL(/filter=RUN1/);
    await page.reload();
    await expect(names).toHaveText(["run10.csv"]);
    await page.getByRole("searchbox", { name: "Filter by name" }).fill("");
    await expect(page).not.toHaveURL(/filter=/);

    for (const format of ["zip", "tar"]) {
      const download = page.waitForEvent("download");
      await choose(page, "results", `Download as ${format}`);
      expect((await download).suggestedFilename()).toBe(`results.${format}`);
    }

    await page.getByRole("grid").focus();
    await page.keyboard.press("Home");
    await expect(row(page, "results")).toHaveAttribute("aria-selected", "true");
    await page.keyboard.press("Enter");
    await expect(row(page, "inner.txt")).toBeVisible();
    await expect(page.getByRole("grid")).toBeFocused();
    await page.keyboard.press("ArrowDown");
    await expect(row(page, "inner.txt")).toHaveAttribute("aria-selected", "true");
    await page.goBack();
    await expect(names.first()).toHaveText("results");
  });
});

test("a file is renamed with F2, and a name that is taken is replaced only after a word", async ({
  page,
  alice,
  cluster,
}) => {
  await withFolder({ api: alice, cluster }, async (folder) => {
    await write(alice, { cluster, path: `${folder}/old.txt` }, "mine");
    await write(alice, { cluster, path: `${folder}/taken.txt` }, "theirs");
    await signIn(page, "alice", paths.folder(cluster, folder));
    await row(page, "old.txt").getByRole("checkbox").check();
    await page.getByRole("grid").focus();
    await page.keyboard.press("F2");
    const name = page.getByRole("dialog").getByLabel("Name");
    await name.fill("new.txt");
    await page.keyboard.press("Enter");
    await expect(row(page, "new.txt")).toBeVisible();
    await expect(row(page, "old.txt")).toHaveCount(0);

    await choose(page, "new.txt", "Rename");
    await name.fill("taken.txt");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("dialog")).toContainText("already");
    expect((await read(alice, { cluster, path: `${folder}/taken.txt` })).toString()).toBe("theirs");
    await page.getByRole("button", { name: "Replace it" }).click();
    await expect(row(page, "new.txt")).toHaveCount(0);
    expect((await read(alice, { cluster, path: `${folder}/taken.txt` })).toString()).toBe("mine");
  });
});

test("deleted things are put back at once or from the trash", { tag: "@all" }, async ({ page, alice, cluster }) => {
  await withFolder({ api: alice, cluster }, async (folder) => {
    for (const name of ["a.txt", "b.txt"]) await write(alice, { cluster, path: `${folder}/${name}` }, name);
    await signIn(page, "alice", paths.folder(cluster, folder));
    await page.getByRole("checkbox", { name: "Select all" }).check();
    await page.getByRole("grid").focus();
    await page.keyboard.press("Delete");
    await page.getByRole("button", { name: "Move to trash" }).click();
    await expect(page.getByText("This folder is empty")).toBeVisible();
    await page.getByRole("button", { name: "Undo" }).click();
    await expect(row(page, "b.txt")).toBeVisible();

    await choose(page, "b.txt", "Delete");
    await page.getByRole("button", { name: "Move to trash" }).click();
    await expect(row(page, "b.txt")).toHaveCount(0);
    await page.goto(paths.clusterFiles(cluster));
    await page.getByRole("button", { name: "Put back b.txt" }).first().click();
    await expect(async () => {
      expect((await read(alice, { cluster, path: `${folder}/b.txt` })).toString()).toBe("b.txt");
    }).toPass();
  });
});

test("more names than an address has room for are taken as one archive", { tag: "@all" }, async ({
  page,
  alice,
  cluster,
}) => {
  await withFolder({ api: alice, cluster }, async (folder) => {
    const names = Array.from({ length: 40 }, (_, at) => `${at}-${"long".repeat(50)}.txt`);
    for (const name of names) await act(alice, { action: "file", cluster, path: `${folder}/${name}`, confirm: false });
    await signIn(page, "alice", paths.folder(cluster, folder));
    await page.getByRole("checkbox", { name: "Select all" }).check();
    const download = page.waitForEvent("download");
    await page.getByRole("toolbar").getByRole("button", { name: "Download as tar" }).click();
    const tar = readFileSync(await (await download).path(), "latin1");
    for (const name of names) expect(tar).toContain(name);
    await expect(row(page, names[0] ?? "")).toBeVisible();
  });
});

test.describe("on a phone", () => {
  test.use({ viewport: sizes.narrow, hasTouch: true });

  test("a folder is reached by thumb, and a sheet at the bottom has what can be done", async ({
    page,
    alice,
    cluster,
  }) => {
    await withFolder({ api: alice, cluster }, async (folder) => {
      const name = `${"a-name-as-long-as-names-get-".repeat(4)}.txt`;
      await write(alice, { cluster, path: `${folder}/${name}` }, "x");
      await signIn(page, "alice");
      await page.getByRole("link", { name: "Files", exact: true }).tap();
      await page.getByRole("main").getByRole("link", { name: /^Home/ }).first().tap();
      await page.getByRole("link", { name: folder.slice(2), exact: true }).tap();
      await page.getByRole("button", { name: `What can be done with ${name}` }).tap();
      const sheet = page.getByRole("menu");
      await expect(sheet.getByRole("menuitem", { name: "Rename" })).toBeInViewport();
      await expect(page.getByRole("dialog", { name }).getByText(/^rw-/)).toBeVisible();
      await sheet.getByRole("menuitem", { name: "Permissions" }).tap();
      await page.getByRole("checkbox", { name: "Write: Group" }).check();
      await page.getByRole("button", { name: "Set permissions" }).tap();
      await expect(page.getByText("Permissions set")).toBeVisible();
      const wider = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(wider).toBe(0);
      await page.getByRole("link", { name }).tap();
      await expect(page.getByRole("textbox", { name: `Text of ${name}` })).toBeVisible();
    });
  });

  test("clusters and settings are behind the account", { tag: "@all" }, async ({ page }) => {
    await signIn(page, "alice");
    await settled(page);
    await page.getByRole("button", { name: /^Account of/ }).tap();
    await page.getByRole("link", { name: "Clusters" }).tap();
    await expect(page).toHaveURL(paths.clusters());
  });
});

test("lists, dialogs and views of files are axe clean, wide and at 360 px, light and dark", { tag: "@all" }, async ({
  page,
  alice,
  cluster,
}) => {
  test.setTimeout(240_000);
  await withFolder({ api: alice, cluster }, async (folder) => {
    await write(alice, { cluster, path: `${folder}/run.csv` }, "x,y\n1,2\n");
    await write(alice, { cluster, path: `${folder}/job.py` }, "import os  # why\nprint('a', 1)\n");
    await signIn(page, "alice");
    const open = (what: string) => async () => {
      await choose(page, "job.py", what);
      await expect(page.getByRole("dialog")).toBeVisible();
    };
    const where = paths.folder(cluster, folder);
    const faults = [
      ...(await faultsOf(page, where)),
      ...(await faultsOf(page, where, open("Permissions"))),
      ...(await faultsOf(page, where, open("Move"))),
      ...(await faultsOf(page, paths.file(cluster, folder, "run.csv"))),
      ...(await faultsOf(page, paths.file(cluster, folder, "job.py"), async () => {
        await expect(page.getByRole("textbox", { name: "Text of job.py" })).toContainText("import");
      })),
    ];
    expect(faults).toEqual([]);
  });
});
