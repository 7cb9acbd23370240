// Uploads: interrupted and gone on with, whole folders, and what is there already.
import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { expect, signIn, test } from "@/e2e/fixtures";
import { nextOffset, read, withFolder, write } from "@/e2e/test-files";
import type { Answer } from "@/lib/endpoints";
import { api, paths } from "@/lib/paths";

const sum = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
const MIB = 1024 ** 2;

/** A folder of this machine with what is to be uploaded; gone after the test. */
async function withLocal(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "berth-upload-"));
  try {
    await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("an upload goes on after the network was gone and after a reload, and the file is the same", async ({
  page,
  context,
  alice,
  cluster,
}) => {
  test.setTimeout(180_000);
  const bytes = randomBytes(160 * MIB);
  await withLocal(async (local) => {
    const file = join(local, "reads.bin");
    writeFileSync(file, bytes);
    await withFolder({ api: alice, cluster }, async (folder) => {
      await signIn(page, "alice", paths.folder(cluster, folder));
      const uploads = page.getByRole("region", { name: "Uploads and long operations" });
      const unfinished = async () =>
        (await alice.must<Answer<"uploads">>(api.uploads())).items.filter(
          // The portal says where `~` is.
          (one) => basename(one.folder) === basename(folder),
        );
      const sentMiB = async () => Number(/([\d.]+) MiB of/.exec((await uploads.textContent()) ?? "")?.[1] ?? 0);
      // Slow enough to be caught in the middle: 8 MiB a second.
      const slow = await context.newCDPSession(page);
      await slow.send("Network.enable");
      const limit = (offline: boolean) =>
        slow.send("Network.emulateNetworkConditions", {
          ...{ offline, latency: 0, downloadThroughput: -1, uploadThroughput: 8 * MIB },
        });
      await limit(false);
      await page.getByLabel("Upload files").setInputFiles(file);
      await expect.poll(sentMiB, { timeout: 60_000 }).toBeGreaterThan(34);
      const broke = page.waitForEvent("requestfailed", (request) => request.method() === "PATCH");
      await limit(true);
      await broke;
      const wentOn = nextOffset(page);
      await limit(false);
      // Not from the beginning: of what was sent some may not have arrived.
      expect(await wentOn).toBeGreaterThan(16 * MIB);
      await expect.poll(sentMiB, { timeout: 60_000 }).toBeGreaterThan(66);

      // What a reload asks of a person with a running upload.
      page.once("dialog", (dialog) => dialog.accept());
      await page.reload();
      await expect(page.getByRole("heading", { name: "An upload was interrupted" })).toBeVisible();
      expect(await unfinished()).toHaveLength(1);
      await expect(page.getByRole("link", { name: "reads.bin" })).toHaveCount(0);
      const goesOn = nextOffset(page);
      await page.getByLabel("Choose the file").first().setInputFiles(file);
      expect(await goesOn).toBeGreaterThan(32 * MIB);
      await expect(page.getByRole("link", { name: "reads.bin" })).toBeVisible({ timeout: 60_000 });
      expect(sum(await read(alice, { cluster, path: `${folder}/reads.bin` }))).toBe(sum(bytes));
      expect(await unfinished()).toEqual([]);
    });
  });
});

test("a file that is there is replaced only when the person says so, and a folder comes with all that is in it", {
  tag: "@all",
}, async ({ page, alice, cluster }) => {
  await withLocal(async (local) => {
    mkdirSync(join(local, "set", "inner"), { recursive: true });
    for (const name of ["a.txt", "inner/b.txt"]) writeFileSync(join(local, "set", name), name);
    writeFileSync(join(local, "same.txt"), "new");
    await withFolder({ api: alice, cluster }, async (folder) => {
      const same = { cluster, path: `${folder}/same.txt` };
      await write(alice, same, "old");
      await signIn(page, "alice", paths.folder(cluster, folder));
      await expect(page.getByRole("link", { name: "same.txt" })).toBeVisible();
      const dialog = page.getByRole("dialog", { name: "same.txt is there already" });
      await page.getByLabel("Upload files").setInputFiles(join(local, "same.txt"));
      await dialog.getByRole("button", { name: "Skip it" }).click();
      expect((await read(alice, same)).toString()).toBe("old");
      await page.getByLabel("Upload files").setInputFiles(join(local, "same.txt"));
      await dialog.getByRole("button", { name: "Replace" }).click();
      await expect.poll(async () => (await read(alice, same)).toString()).toBe("new");

      await page.getByLabel("Upload a folder").setInputFiles(join(local, "set"));
      await expect(page.getByRole("link", { name: "set", exact: true })).toBeVisible();
      expect((await read(alice, { cluster, path: `${folder}/set/inner/b.txt` })).toString()).toBe("inner/b.txt");
    });
  });
});

test("a file whose bytes are all there but that could not be put in its place is not called done", async ({
  page,
  alice,
  cluster,
}) => {
  const size = 2 * MIB;
  const noRoom = { code: "denied", detail: "There is no room left there.", words: "ln: No space left on device" };
  const noAnswer = { code: "cluster", detail: "The cluster could not do this.", words: "mv: Input/output error" };
  await withLocal(async (local) => {
    const file = join(local, "model.bin");
    writeFileSync(file, randomBytes(size));
    await withFolder({ api: alice, cluster }, async (folder) => {
      await signIn(page, "alice", paths.folder(cluster, folder));
      let placings = 0;
      await page.route("**/api/uploads/*/finish", (route) => {
        placings += 1;
        return route.fulfill({ status: 422, json: noRoom });
      });
      await page.route(/\/api\/uploads\/[0-9a-f]+$/, (route) => {
        const method = route.request().method();
        // As the portal answers a look at what it cannot place.
        if (method === "HEAD") return route.fulfill({ status: 422, headers: { "tus-resumable": "1.0.0" } });
        return method === "PATCH" ? route.fulfill({ status: 502, json: noAnswer }) : route.continue();
      });
      const uploads = page.getByRole("region", { name: "Uploads and long operations" });
      await page.getByLabel("Upload files").setInputFiles(file);
      await expect(uploads.getByText(noRoom.detail)).toBeVisible();
      await expect(uploads.getByText(noRoom.words)).toBeVisible();
      await expect(uploads.getByRole("button", { name: "Replace" })).toHaveCount(0);
      await uploads.getByRole("button", { name: "Try again model.bin" }).click();
      await expect.poll(() => placings).toBe(2);
      await expect(uploads.getByText("Failed", { exact: true })).toBeVisible();
      await uploads.getByRole("button", { name: "Cancel upload of model.bin" }).click();
      await expect(uploads).toHaveCount(0);
    });
  });
});
