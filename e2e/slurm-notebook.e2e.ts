// What a notebook sees of its job on the real Slurm: GPUs, modules, and the limit of its memory.
import { untilState } from "@/e2e/api";
import { expect, signIn, test } from "@/e2e/fixtures";
import { runCode } from "@/e2e/kernel";
import { slurm } from "@/e2e/machine";
import { api, paths } from "@/lib/paths";
import type { ResourceRequest } from "@/lib/sessions/schema";

const notebook = (more: Partial<ResourceRequest>): ResourceRequest => ({
  template: "jupyter",
  cluster: "hpc",
  cpus: 1,
  memoryGiB: 1,
  minutes: 30,
  ...more,
});

test("two GPUs and a module asked for in the form are there in the notebook", async ({ page, alice }) => {
  test.setTimeout(180_000);
  await signIn(page, "alice", "/launch/jupyter?partition=gpu&gpus=2&name=With%20GPUs");
  await page.getByText("Modules", { exact: true }).click();
  await page.getByRole("searchbox", { name: "Search modules" }).fill("hello");
  await page.getByRole("button", { name: "hello/1.0" }).first().click();
  await expect(page.getByText("Can be launched")).toBeVisible();
  await page.getByRole("button", { name: "Launch", exact: true }).click();
  await page.waitForURL(/\/sessions\/[a-z][a-z0-9]{15}$/);
  const id = new URL(page.url()).pathname.split("/").at(-1) ?? "";
  await untilState(alice, id, "ready", 120);
  const { url } = await alice.must<{ url: string }>(api.ticket(id), { method: "POST" });
  await page.goto(url);
  const seen = "import os; e = os.environ; print(e['CUDA_VISIBLE_DEVICES'], e['HELLO_VERSION'], e['LOADEDMODULES'])";
  const [devices = "", version, modules] = (await runCode(page, seen)).trim().split(" ");
  expect(devices.split(",")).toHaveLength(2);
  expect(version).toBe("1.0");
  expect(modules).toContain("hello/1.0");
  expect(await runCode(page, "!hello")).toContain("hello from version 1.0");
});

test("a session of 1 GiB that takes 3 GiB ends out of memory, in plain words and in Slurm's", async ({
  page,
  alice,
}) => {
  test.setTimeout(180_000);
  const { id } = await alice.create(notebook({ name: "Too hungry" }));
  await untilState(alice, id, "ready", 120);
  const { url } = await alice.must<{ url: string }>(api.ticket(id), { method: "POST" });
  await page.goto(url);
  // The kernel dies of it, so its answer never comes.
  const eaten = runCode(page, "hungry = b'x' * (3 << 30)").catch(() => "gone");
  const ended = await untilState(alice, id, "ended", 90);
  expect(ended.endReason).toBe("out-of-memory");
  await eaten;
  await signIn(page, "alice", paths.session(id));
  await expect(page.getByRole("heading", { name: "Out of memory" })).toBeVisible();
  await expect(page.getByText(/It needed more than the 1 GiB asked for/)).toBeVisible();
  await expect(page.getByText(/OUT_OF_MEMORY/).first()).toBeVisible();
  await expect(page.getByRole("link", { name: "Launch with 2 GiB" })).toBeVisible();
  const states = slurm(["sacct", "-X", "-n", "-P", "-j", ended.jobId ?? "", "-o", "State"]);
  expect(states).toEqual(["OUT_OF_MEMORY"]);
});
