// A session on the real Slurm, reached over sshd: what Slurm, the node and the file system say of it.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { smallFolder, untilState } from "@/e2e/api";
import { expect, signIn, test } from "@/e2e/fixtures";
import { asPerson, clusterDirectory, jobsOf, processesOf, slurm } from "@/e2e/machine";
import { paths } from "@/lib/paths";

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

test("squeue shows the job as alice; cancelled outside, the session says so", async ({ page, alice, cluster }) => {
  const { id } = await alice.create(smallFolder(cluster, { name: "Seen by Slurm" }));
  const ready = await untilState(alice, id, "ready");
  const [line] = slurm(["squeue", "-h", "-u", "alice", `--name=berth-${id}`, "-o", "%i %u %T %C"]);
  expect(line).toBe(`${ready.jobId} alice RUNNING 1`);
  await signIn(page, "alice", paths.session(id));
  await expect(page.getByText(`job ${ready.jobId}`, { exact: true })).toBeVisible();
  slurm(["scancel", ready.jobId ?? ""], "alice");
  await expect(page.getByRole("heading", { name: "Cancelled" })).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText(/alice cancelled the job outside of the portal/)).toBeVisible();
  expect((await alice.session(id)).endReason).toBe("cancelled");
});

test("the session's files are the person's alone, and its scratch goes with it", async ({ alice, cluster }) => {
  const { id } = await alice.create(smallFolder(cluster, { scratchGiB: 1 }));
  const { directory } = await untilState(alice, id, "ready");
  const scratch = `/tmp/berth-${id}`;
  expect(modeOf(directory ?? "")).toBe("700");
  const names = readdirSync(directory ?? "");
  expect(names).toEqual(expect.arrayContaining(["connection", "secret", "log", "job.sh"]));
  const files = names.filter((name) => statSync(join(directory ?? "", name)).isFile());
  expect(files.map((name) => `${name} ${modeOf(join(directory ?? "", name))}`)).toEqual(
    files.map((name) => `${name} 600`),
  );
  expect(modeOf(scratch)).toBe("700");
  await alice.stop(id);
  await untilState(alice, id, "ended");
  await expect.poll(() => existsSync(scratch), { message: "scratch is removed" }).toBe(false);
  await expect.poll(() => existsSync(join(directory ?? "", "secret"))).toBe(false);
  await expect.poll(() => processesOf(id)).toEqual([]);
  expect(slurm(["squeue", "-h", "-u", "alice", `--name=berth-${id}`])).toEqual([]);
  expect(jobsOf(id, "alice")).toHaveLength(1);
});

test("bob on the same node gets 403 from alice's web folder by its port", async ({ alice, cluster }) => {
  const { id } = await alice.create(smallFolder(cluster));
  const { directory, node } = await untilState(alice, id, "ready");
  const { port } = JSON.parse(readFileSync(join(directory ?? "", "connection"), "utf8"));
  const [address] = slurm(["sinfo", "-h", "-N", "-n", node ?? "", "-o", "%o"]);
  const told = asPerson("bob", ["curl", "-s", "-w", " %{http_code}", `http://${address}:${port}/`]);
  expect(told).toMatch(/ 403$/);
  expect(told).not.toContain("Directory listing");
  expect(() => asPerson("bob", ["cat", join(directory ?? "", "secret")])).toThrow(/Permission denied/);
});

test("a person without an allocation learns which step is missing", async ({ page }) => {
  await signIn(page, "nora");
  await page.waitForURL(/\/no-access$/);
  await expect(page.getByText("You are nora there.")).toBeVisible();
  const step = page.getByRole("listitem").filter({ hasText: "Account in the scheduler" });
  await expect(step.getByText("missing", { exact: true })).toBeVisible();
  await expect(page.getByText(/whoever started this demo/).first()).toBeVisible();
  const refused = await page.request.post("/api/sessions", {
    data: smallFolder("hpc"),
    headers: { "idempotency-key": "nora asks", origin: new URL(page.url()).origin },
  });
  expect(refused.status()).toBe(422);
  expect((await refused.json()).fields.cluster).toBeTruthy();
  expect(existsSync(`${clusterDirectory()}/cluster.json`)).toBe(true);
});
