// One file in the browser: editing it, leaving it, following it, and what somebody's page may do.
import { expect, signIn, test } from "@/e2e/fixtures";
import { read, withFolder, write } from "@/e2e/test-files";
import { paths } from "@/lib/paths";

test("what changed under an editor is not overwritten unless the person says so", async ({ page, alice, cluster }) => {
  await withFolder({ api: alice, cluster }, async (folder) => {
    const file = { cluster, path: `${folder}/job.sh` };
    await write(alice, file, "echo one\n");
    await signIn(page, "alice", paths.folder(cluster, folder));
    await page.getByRole("link", { name: "job.sh" }).click();
    const editor = page.getByRole("textbox", { name: "Text of job.sh" });
    await expect(editor).toContainText("echo one");
    await editor.click();
    await page.keyboard.press("Control+End");
    await page.keyboard.type("echo two");
    await page.keyboard.press("Control+s");
    await expect(page.getByText("Saved", { exact: true })).toBeVisible();
    expect((await read(alice, file)).toString()).toBe("echo one\necho two");

    await editor.click();
    await page.keyboard.press("Control+End");
    await page.keyboard.type(" three");
    const noRoom = { code: "denied", detail: "There is no room left.", words: "cat: write error: No space left" };
    await page.route("**/api/files/content?*", (route) => route.fulfill({ status: 422, json: noRoom }), { times: 1 });
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await expect(page.getByText(noRoom.detail)).toBeVisible();
    await expect(page.getByText(noRoom.words)).toBeVisible();
    await expect(page.getByRole("dialog")).toHaveCount(0);

    await write(alice, file, "echo theirs\n");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: "job.sh was changed meanwhile" });
    await expect(dialog).toBeVisible();
    expect((await read(alice, file)).toString()).toBe("echo theirs\n");
    await dialog.getByRole("button", { name: "Keep editing" }).click();
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await dialog.getByRole("button", { name: "Overwrite it with mine" }).click();
    await expect.poll(async () => (await read(alice, file)).toString()).toBe("echo one\necho two three");
  });
});

test("what is saved is what was sent: not a part for the whole, not what was typed meanwhile, and every view shows it", async ({
  page,
  alice,
  cluster,
}) => {
  await withFolder({ api: alice, cluster }, async (folder) => {
    const large = { cluster, path: `${folder}/large.txt` };
    const table = { cluster, path: `${folder}/data.csv` };
    await write(alice, large, "0123456789abcde\n".repeat(100_000));
    await write(alice, table, "a,b\n1,2\n");
    await signIn(page, "alice", paths.file(cluster, folder, "large.txt"));
    const puts: string[] = [];
    page.on("request", (request) => request.method() === "PUT" && puts.push(request.url()));
    const text = page.getByRole("textbox", { name: "Text of large.txt" });
    await text.click();
    await page.keyboard.press("Control+s");

    await page.goto(paths.file(cluster, folder, "data.csv"));
    await expect(page.getByRole("cell", { name: "2" })).toBeVisible();
    await page.getByText("Source", { exact: true }).click();
    const editor = page.getByRole("textbox", { name: "Text of data.csv" });
    await editor.click();
    await page.keyboard.press("Control+End");
    await page.keyboard.type("3,4");
    const answer = Promise.withResolvers<void>();
    await page.route("**/api/files/content?*", (route) => answer.promise.then(() => route.continue()), { times: 1 });
    await page.keyboard.press("Control+s");
    await page.keyboard.press("Control+s");
    await page.keyboard.type(",late");
    answer.resolve();
    await expect(page.getByText("Saved", { exact: true })).toBeVisible();
    await expect(page.getByRole("dialog")).toHaveCount(0);
    expect((await read(alice, table)).toString()).toBe("a,b\n1,2\n3,4");
    await expect(page.getByText("Not saved yet")).toBeVisible();
    await page.keyboard.press("Control+s");
    await expect.poll(async () => (await read(alice, table)).toString()).toBe("a,b\n1,2\n3,4,late");
    await page.getByText("Table", { exact: true }).click();
    await expect(page.getByRole("cell", { name: "late" })).toBeVisible();
    await page.getByText("Source", { exact: true }).click();
    await expect(editor).toContainText("late");
    expect(puts).toHaveLength(2);
    expect(await read(alice, large)).toHaveLength(1_600_000);
  });
});

test("what is not saved is left only after a word, by a link, by Back, by another view and from the palette", async ({
  page,
  alice,
  cluster,
}) => {
  await withFolder({ api: alice, cluster }, async (folder) => {
    await write(alice, { cluster, path: `${folder}/page.html` }, "<p>one</p>");
    await signIn(page, "alice", paths.folder(cluster, folder));
    await page.getByRole("link", { name: "page.html" }).click();
    await page.getByText("Source", { exact: true }).click();
    const editor = page.getByRole("textbox", { name: "Text of page.html" });
    await editor.click();
    await page.keyboard.type("lost?");
    const there = page.url();
    const dialog = page.getByRole("dialog", { name: "Leave without saving?" });
    const ways = [
      () => page.getByRole("link", { name: "Back to the folder" }).click(),
      () => page.getByText("Rendered", { exact: true }).click(),
      () => page.evaluate(() => window.history.back()),
      () => page.evaluate(() => window.history.back()),
      async () => {
        await page.keyboard.press("Control+k");
        await page
          .getByRole("dialog")
          .getByRole("option", { name: /^Clusters/ })
          .click();
      },
    ];
    for (const leave of ways) {
      await leave();
      await dialog.getByRole("button", { name: "Go on editing" }).click();
      await expect(dialog).toHaveCount(0);
      await expect(editor).toContainText("lost?");
      expect(page.url()).toBe(there);
    }
    await page.evaluate(() => window.history.back());
    await dialog.getByRole("button", { name: "Discard and leave" }).click();
    await expect(page.getByRole("link", { name: "page.html" })).toBeVisible();
    await expect(page).toHaveURL(paths.folder(cluster, folder));
    await expect(editor).toHaveCount(0);
  });
});

test("a log is followed as it grows and when another file takes its name", async ({ page, alice, cluster }) => {
  await withFolder({ api: alice, cluster }, async (folder) => {
    const file = { cluster, path: `${folder}/run.log` };
    await write(alice, file, "first\n");
    await signIn(page, "alice", paths.file(cluster, folder, "run.log"));
    const log = page.getByRole("log", { name: "Text of run.log" });
    await expect(log).toHaveText("first");
    await page.getByRole("button", { name: "Stop following" }).click();
    // Saving puts another file in the place of the old one.
    await write(alice, file, "first\nof another, longer one\n");
    await page.getByRole("button", { name: "Follow", exact: true }).click();
    await expect(page.getByRole("status").filter({ hasText: "The file was replaced or emptied" })).toBeVisible();
    await expect(log).toHaveText("first of another, longer one");
  });
});

test("somebody's page runs nothing, has no origin and reaches nothing", async ({ page, alice, cluster }) => {
  await withFolder({ api: alice, cluster }, async (folder) => {
    const html = `<h1>Report</h1><script>parent.pwned=1;top.location="/"</script><img src="/api/me" onerror="top.pwned=1"><svg onload="top.pwned=1">`;
    await write(alice, { cluster, path: `${folder}/report.html` }, html);
    await write(
      alice,
      { cluster, path: `${folder}/plot.svg` },
      `<svg xmlns="http://www.w3.org/2000/svg" onload="top.pwned=1"/>`,
    );
    await signIn(page, "alice", paths.folder(cluster, folder));
    // A request that the frame's policy stops is reported all the same, now and then; it never leaves the browser.
    const reached: string[] = [];
    page.on("requestfinished", (request) => request.frame() !== page.mainFrame() && reached.push(request.url()));
    page.on("requestfailed", (request) => {
      if (request.frame() !== page.mainFrame() && request.failure()?.errorText !== "csp") reached.push(request.url());
    });
    for (const name of ["report.html", "plot.svg"]) {
      await page.getByRole("link", { name }).click();
      const frame = page.getByTitle(`${name}, in a sandbox`);
      await expect(frame).toHaveAttribute("sandbox", "");
      if (name === "report.html")
        await expect(frame.contentFrame().getByRole("heading", { name: "Report" })).toBeVisible();
      await page.getByRole("link", { name: "Back to the folder" }).click();
    }
    expect(await page.evaluate(() => "pwned" in window)).toBe(false);
    expect(reached.filter((url) => url.startsWith("http"))).toEqual([]);
  });
});
