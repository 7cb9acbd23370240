// Two clusters behind one portal: a folder is copied from one to the other through the portal, in the browser. The second is
// that of the demo under test; the first, and the portal, are brought up for this.
import { statSync } from "node:fs";
import { basename, join } from "node:path";
import { readOptions } from "@/dev/demo/options";
import { makeDirectory } from "@/dev/demo/places";
import { slurmCluster } from "@/dev/demo/settings";
import { stopCluster } from "@/dev/test/portals";
import { type Site, startSite } from "@/dev/test/site";
import { apiOf, portalUnderTest } from "@/e2e/api";
import { expect, signInAt, test } from "@/e2e/fixtures";
import { act, read, withFolder, write } from "@/e2e/test-files";
import { paths } from "@/lib/paths";

/** Beside the demo's and the tests' other portals. */
const nearPort = () => portOf(portalUnderTest()) + 25;
const portOf = ({ url }: { url: string }) => Number(new URL(url).port);
const optionsOf = (port: number) => readOptions(["--slurm", "--port", String(port)], true);

/** The demo's cluster, by another name, with a copy of its key for the portal of `port`. */
function clusterUnderTest(port: number) {
  const { dataDir } = optionsOf(port);
  const { uid, gid } = statSync(dataDir);
  const far = join(dataDir, "far");
  makeDirectory(far, { uid, gid });
  const demo = { ...optionsOf(portOf(portalUnderTest())), dataDir: far };
  return { ...slurmCluster(demo, { uid, gid }), name: "far", title: "The far cluster" };
}

let site: Site | null = null;
test.afterEach(async () => {
  await site?.stop();
  site = null;
  // A site leaves its cluster up.
  await stopCluster(nearPort());
});

test("a folder is copied to another cluster, and a folder that is there is not replaced", async ({ page }) => {
  test.setTimeout(600_000);
  const port = nearPort();
  const settings = (plain: Record<string, unknown>) => ({
    ...plain,
    // startSite wrote them.
    clusters: [...(plain.clusters as object[]), clusterUnderTest(port)],
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
      const there = { cluster: "far", path: `${to}/set/results.csv` };
      // Until it is there, reading it is refused.
      const arrived = () => read(alice, there).then(String, () => null);
      await expect.poll(arrived).toBe("a,b\n1,2\n");
      await write(alice, there, "theirs");
      await copy();
      await expect(panel).toContainText("There is a folder of that name; folders are not replaced.");
      expect((await read(alice, there)).toString()).toBe("theirs");
    }),
  );
});
