// A terminal inside a session's allocation, from the session's own page.
import { smallFolder, untilState } from "@/e2e/api";
import { expect, signIn, test } from "@/e2e/fixtures";
import { prepareTerminal } from "@/e2e/terminal-page";
import { paths } from "@/lib/paths";

test("a terminal inside a session is in its job, and ends with it", async ({ page, alice }) => {
  const { id } = await alice.create(smallFolder("hpc", { name: "With a shell" }));
  const { jobId } = await untilState(alice, id, "ready");
  const terminal = await prepareTerminal(page);
  await signIn(page, "alice", paths.session(id));
  await page.getByRole("button", { name: "Terminal", exact: true }).click();
  await page.waitForURL(/\/terminals\/[0-9a-f]{32}$/);
  await terminal.shows(/[$#>%] *$/m);
  await terminal.run('echo "job=$SLURM_JOB_ID $(id -un)"');
  await terminal.shows(new RegExp(`^job=${jobId} alice$`, "m"));
  await alice.stop(id);
  await expect(page.getByText(/^The session's job has ended, and the shell/)).toBeVisible({ timeout: 60_000 });
});
