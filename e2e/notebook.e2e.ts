// The main job: sign in, ask for a notebook, run a cell in it through the gateway, throw it away.
import type { Page } from "@playwright/test";
import { expect, signInByHand, test } from "@/e2e/fixtures";
import { runCode } from "@/e2e/kernel";
import { processesOf } from "@/e2e/machine";

/** Writes `code` into the first cell of a new classic notebook, runs it, answers what it shows. */
async function runFirstCell(tree: Page, code: string): Promise<string> {
  await tree.getByRole("button", { name: "New" }).click();
  const opened = tree.waitForEvent("popup");
  await tree.getByRole("menuitem", { name: /^python ?3/i }).click();
  const notebook = await opened;
  // The idle mark is the notebook's own word for "the kernel is connected".
  await expect(notebook.getByTitle("Kernel Idle")).toBeVisible({ timeout: 60_000 });
  await notebook.locator(".CodeMirror").first().click();
  await notebook.keyboard.type(code);
  await notebook.keyboard.press("Shift+Enter");
  const output = notebook.locator(".output_text").first();
  await expect(output).toBeVisible();
  return (await output.textContent())?.trim() ?? "";
}

test("alice launches a notebook from the composer, runs a cell in it, and stops it", async ({ page, alice }) => {
  test.setTimeout(240_000);
  await signInByHand(page, "alice", "/launch/jupyter");
  await page.getByLabel("Name").fill("Notebook end to end");
  await expect(page.getByText("Can be launched")).toBeVisible();
  await page.getByRole("button", { name: "Launch", exact: true }).click();
  await page.waitForURL(/\/sessions\/[a-z][a-z0-9]{15}$/);
  const id = new URL(page.url()).pathname.split("/").at(-1) ?? "";
  await expect(page.getByRole("heading", { name: "Notebook end to end" })).toBeVisible();
  await expect(page.getByRole("heading", { name: "Jupyter is ready" })).toBeVisible({ timeout: 120_000 });

  const opened = page.waitForEvent("popup");
  await page.getByRole("button", { name: "Open", exact: true }).click();
  const app = await opened;
  await app.waitForURL(/\/(tree|lab)/);
  expect(new URL(app.url()).hostname).toBe(`${id}.apps.localhost`);
  if (new URL(app.url()).pathname.startsWith("/tree")) expect(await runFirstCell(app, "6*7")).toBe("42");
  const { unixAccount } = await alice.session(id);
  const told = await runCode(app, "import os; print(6*7, os.popen('id -un').read().strip())");
  expect(told.trim()).toBe(`42 ${unixAccount}`);
  expect(processesOf(id)).not.toEqual([]);

  await page.getByRole("button", { name: "Stop", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Stop session" }).click();
  await expect(page.getByRole("heading", { name: "Stopped", exact: true })).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText("You stopped it.")).toBeVisible();
  expect((await alice.session(id)).endReason).toBe("stopped");
  await expect.poll(() => processesOf(id), { message: "no process of the job is left" }).toEqual([]);
  await app.reload();
  await expect(app.getByRole("heading", { name: /has ended/ })).toBeVisible();
});
