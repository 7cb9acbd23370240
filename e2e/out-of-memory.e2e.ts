// A notebook that takes more memory than was asked for: it ends, its owner reads why and what to do, and nothing is left.

import { untilState } from "@/e2e/api";
import { expect, signIn, test } from "@/e2e/fixtures";
import { runCode } from "@/e2e/kernel";
import { processesOf } from "@/e2e/machine";
import { paths } from "@/lib/paths";

test("a notebook over its memory ends as out of memory, and launching again asks for more", { tag: "@all" }, async ({
  page,
  alice,
  cluster,
}) => {
  test.setTimeout(180_000);
  const asked = { template: "jupyter", cluster, cpus: 1, memoryGiB: 0.5, minutes: 30, name: "Too big" };
  const { id } = await alice.create(asked);
  await untilState(alice, id, "ready", 120);
  await signIn(page, "alice", paths.session(id));
  const opened = page.waitForEvent("popup");
  await page.getByRole("button", { name: "Open", exact: true }).click();
  const app = await opened;
  await app.waitForURL(/\/(tree|lab)/);
  // Its kernel is killed while it answers: what the browser makes of that is the notebook's own affair.
  void runCode(app, "held = bytearray(3 << 30)").catch(() => "");
  await untilState(alice, id, "ended");
  expect((await alice.session(id)).endReason).toBe("out-of-memory");
  await expect(page.getByRole("heading", { name: "Out of memory" })).toBeVisible();
  await expect(page.getByRole("link", { name: "Launch with 1 GiB" })).toBeVisible();
  await expect.poll(() => processesOf(id), { message: "no process of the job is left" }).toEqual([]);
});
