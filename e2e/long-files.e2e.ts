// Uploads of the size that people have: three gigabytes over a network that goes away and a page that is reloaded, and a folder
// of ten thousand files there and back. Takes minutes: part of npm run test:all.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { Readable } from "node:stream";
import type { ReadableStream } from "node:stream/web";
import type { Locator } from "@playwright/test";
import type { Api } from "@/e2e/api";
import { expect, signIn, test } from "@/e2e/fixtures";
import { nextOffset, withFolder } from "@/e2e/test-files";
import type { Answer } from "@/lib/endpoints";
import { api, paths } from "@/lib/paths";

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

async function withLocal(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "berth-upload-"));
  try {
    await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function sumOf(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of bytes) hash.update(chunk);
  return hash.digest("hex");
}

/** Of a file on the cluster, which does not fit in memory. */
async function sumThere(person: Api, cluster: string, path: string): Promise<string> {
  const query = new URLSearchParams({ cluster, path });
  const answer = await fetch(`${person.portal.url}${api.fileContent()}?${query}`, {
    headers: { authorization: `Bearer ${person.secret}` },
  });
  if (!answer.ok || !answer.body) throw new Error(`${answer.status} ${await answer.text()}`);
  // Node's and the DOM's type of the same stream.
  return sumOf(Readable.fromWeb(answer.body as ReadableStream<Uint8Array>));
}

/** What the panel says was sent, in MiB. */
async function sentMiB(uploads: Locator): Promise<number> {
  const [, number = "0", unit = ""] = /([\d.]+) (\wiB) of/.exec((await uploads.textContent()) ?? "") ?? [];
  return Number(number) * (unit === "GiB" ? 1024 : unit === "MiB" ? 1 : 0);
}

test("3 GB go on after the network was gone and after a reload, and arrive the same", async ({
  page,
  context,
  alice,
  cluster,
}) => {
  test.setTimeout(1_200_000);
  await withLocal(async (local) => {
    const file = join(local, "reads.bin");
    execFileSync("sh", ["-c", 'head -c 3221225472 /dev/urandom >"$1"', "sh", file]);
    await withFolder({ api: alice, cluster }, async (folder) => {
      await signIn(page, "alice", paths.folder(cluster, folder));
      const uploads = page.getByRole("region", { name: "Uploads and long operations" });
      const network = await context.newCDPSession(page);
      await network.send("Network.enable");
      const cut = (offline: boolean) =>
        network.send("Network.emulateNetworkConditions", {
          ...{ offline, latency: 0, downloadThroughput: -1, uploadThroughput: -1 },
        });
      await page.getByLabel("Upload files").setInputFiles(file);
      const past = (mib: number) => expect.poll(() => sentMiB(uploads), { timeout: 400_000 }).toBeGreaterThan(mib);
      await past(512);
      const broke = page.waitForEvent("requestfailed", (request) => request.method() === "PATCH");
      await cut(true);
      await broke;
      const wentOn = nextOffset(page);
      await cut(false);
      expect(await wentOn).toBeGreaterThan(256 * MIB);
      await past(1536);
      page.once("dialog", (dialog) => dialog.accept());
      await page.reload();
      await expect(page.getByRole("heading", { name: "An upload was interrupted" })).toBeVisible();
      await expect(page.getByRole("link", { name: "reads.bin" })).toHaveCount(0);
      // It goes on where it was, and not from the beginning.
      const goesOn = nextOffset(page);
      await page.getByLabel("Choose the file").first().setInputFiles(file);
      expect(await goesOn).toBeGreaterThan(GIB);
      await expect(page.getByRole("link", { name: "reads.bin" })).toBeVisible({ timeout: 400_000 });
      const path = `${folder}/reads.bin`;
      expect(await sumThere(alice, cluster, path)).toBe(await sumOf(createReadStream(file, { highWaterMark: MIB })));
      const { items } = await alice.must<Answer<"uploads">>(api.uploads());
      expect(items.filter((one) => basename(one.folder) === basename(folder))).toEqual([]);
    });
  });
});

test("a folder of ten thousand files goes up, comes back as a zip, and is the same", async ({
  page,
  alice,
  cluster,
}) => {
  test.setTimeout(600_000);
  await withLocal(async (local) => {
    for (let at = 0; at < 100; at += 1) {
      mkdirSync(join(local, "many", `run ${at}`), { recursive: true });
      for (let file = 0; file < 100; file += 1)
        writeFileSync(join(local, "many", `run ${at}`, `ö${file}.txt`), `${at} ${file}\n`.repeat(file));
    }
    await withFolder({ api: alice, cluster }, async (folder) => {
      await signIn(page, "alice", paths.folder(cluster, folder));
      const requests: string[] = [];
      page.on("request", (request) => request.method() === "POST" && requests.push(new URL(request.url()).pathname));
      await page.getByLabel("Upload a folder").setInputFiles(join(local, "many"));
      const uploads = page.getByRole("region", { name: "Uploads and long operations" });
      // Nothing is left to be sent.
      await expect(uploads.getByRole("heading", { name: "Uploads", exact: true })).toBeVisible({ timeout: 400_000 });
      await expect(page.getByRole("link", { name: "many", exact: true })).toBeVisible();
      expect(requests.filter((path) => path === api.uploadBatch()).length).toBeLessThan(40);
      expect(requests.filter((path) => path === api.uploads())).toEqual([]);

      const coming = page.waitForEvent("download");
      await page.getByRole("button", { name: "What can be done with many" }).click();
      await page.getByRole("menuitem", { name: "Download as zip", exact: true }).click();
      const zip = join(local, "many.zip");
      await (await coming).saveAs(zip);
      execFileSync("unzip", ["-q", zip, "-d", join(local, "back")], { env: { ...process.env, LC_ALL: "C.UTF-8" } });
      expect(execFileSync("diff", ["-r", join(local, "many"), join(local, "back", "many")]).toString()).toBe("");
    });
  });
});
