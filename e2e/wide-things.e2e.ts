// What is wider than the page: it scrolls or wraps where it is, and the page and its dialogs keep their width.
import { smallFolder } from "@/e2e/api";
import { expect, signIn, test } from "@/e2e/fixtures";
import { sideways } from "@/e2e/looks";
import { withFolder, write } from "@/e2e/test-files";
import { paths } from "@/lib/paths";

const long = "Sample_01_S1_L001_R1_001.trimmed.sorted.dedup.marked.recalibrated.bam";
const cells = (what: string) => Array.from({ length: 40 }, (_none, at) => `${what}_${at}`).join(",");
const notebook = JSON.stringify({
  cells: [{ cell_type: "code", source: `x = "${"a".repeat(500)}"`, metadata: {}, outputs: [], execution_count: 1 }],
  metadata: {},
  nbformat: 4,
  nbformat_minor: 5,
});

for (const width of [1440, 360])
  test(`wide tables, long lines and long names stay within a page of ${width} px`, { tag: "@all" }, async ({
    page,
    alice,
    cluster,
  }) => {
    await page.setViewportSize({ width, height: 800 });
    await withFolder({ api: alice, cluster }, async (folder) => {
      await write(alice, { cluster, path: `${folder}/wide.csv` }, `${cells("column")}\n${cells("value")}\n`);
      await write(alice, { cluster, path: `${folder}/lines.ipynb` }, notebook);
      await write(alice, { cluster, path: `${folder}/${long}` }, "x");
      await signIn(page, "alice", paths.file(cluster, folder, "wide.csv"));
      await expect(page.getByRole("cell", { name: "value_39" })).toBeAttached();
      expect(await sideways(page)).toEqual([]);
      await page.goto(paths.file(cluster, folder, "lines.ipynb"));
      await expect(page.getByText(/aaaa/)).toBeAttached();
      expect(await sideways(page)).toEqual([]);
      await page.goto(paths.file(cluster, folder, long));
      await expect(page.getByRole("heading", { level: 1 })).toBeAttached();
      expect(await sideways(page)).toEqual([]);

      await page.goto(paths.folder(cluster, folder));
      await page.getByRole("button", { name: `What can be done with ${long}` }).click();
      await page.getByRole("menuitem", { name: "Delete", exact: true }).click();
      const dialog = page.getByRole("dialog");
      await expect(dialog).toBeVisible();
      expect(await dialog.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)).toBe(0);
    });
    const { id } = await alice.create(smallFolder(cluster, { name: "rnaseq_batch_2026_rerun_with_all_samples" }));
    await page.goto(paths.session(id));
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    expect(await sideways(page)).toEqual([]);
  });
