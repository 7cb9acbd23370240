// Two clusters behind one portal: a folder is copied from one to the other through the portal, in the browser. The second is
// that of the demo under test; the first, and the portal, are brought up for this.
import { basename, join } from "node:path";
import { readOptions } from "@/dev/demo/options";
import { slurmCluster } from "@/dev/demo/settings";
import { type Site, startSite } from "@/dev/test/site";
import { apiOf, portalUnderTest } from "@/e2e/api";
import { expect, signInAt, test } from "@/e2e/fixtures";
import { act, read, withFolder, write } from "@/e2e/test-files";
import { paths } from "@/lib/paths";

/** The demo's cluster, by another name, with the key that the demo's portal can read. */
function clusterUnderTest() {
  const port = Number(new URL(portalUnderTest().url).port);
  const demo = readOptions(["--slurm", "--port", String(port)], true);
  const entry = slurmCluster(demo, null);
  const keyFile = join(demo.dataDir, "ca");
  return { ...entry, name: "far", title: "The far cluster", ssh: { ...entry.ssh, ca: { keyFile } } };
}

let site: Site | null = null;
test.afterEach(async () => {
  await site?.stop();
  site = null;
});

test("a folder is copied to another cluster, and what is there is not replaced unasked", async ({ page }) => {
  test.setTimeout(600_000);
  const port = Number(new URL(portalUnderTest().url).port) + 25;
  const settings = (plain: Record<string, unknown>) => ({
    ...plain,
    // startSite wrote them.
    clusters: [...(plain.clusters as object[]), clusterUnderTest()],
  });
  site = await startSite({ port, domain: "localhost", settings });
  await signInAt(site.url, page, "alice");
  const alice = apiOf("alice", { url: site.url, data: site.data });
  await withFolder({ api: alice, cluster: "hpc" }, async (from) =>
    withFolder({ api: alice, cluster: "far" }, async (to) => {
      await act(alice, { action: "folder", cluster: "hpc", path: `${from}/set`, confirm: false });
      await write(alice, { cluster: "hpc", path: `${from}/set/results.csv` }, "a,b\n1,2\n");
      await page.goto(site?.url + paths.folder("hpc", from));
      const copy = async () => {
        await page.getByRole("button", { name: "What can be done with set" }).click();
        await page.getByRole("menuitem", { name: "Copy", exact: true }).click();
        const dialog = page.getByRole("dialog", { name: "Copy set to" });
        await dialog.getByLabel("Cluster").selectOption("The far cluster");
        await dialog.getByRole("button", { name: basename(to) }).click();
        await dialog.getByRole("button", { name: "Copy here" }).click();
      };
      const panel = page.getByRole("region", { name: "Uploads and long operations" });
      await copy();
      await expect(panel).toContainText("Copying 1 item");
      await expect(panel).toContainText("Done");
      const there = { cluster: "far", path: `${to}/set/results.csv` };
      expect((await read(alice, there)).toString()).toBe("a,b\n1,2\n");
      await write(alice, there, "theirs");
      await copy();
      await expect(panel).toContainText("Something of that name is there already");
      expect((await read(alice, there)).toString()).toBe("theirs");
    }),
  );
});
