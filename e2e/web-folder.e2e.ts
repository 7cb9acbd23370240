// A folder of HTML on an origin of its own, behind a one-time ticket; what is not yours looks like what never was.
import type { BrowserContext, Page } from "@playwright/test";
import { smallFolder, untilState } from "@/e2e/api";
import { expect, signIn, test } from "@/e2e/fixtures";
import { withFolder } from "@/e2e/folders";
import { api as paths } from "@/lib/paths";
import type { SessionView } from "@/lib/sessions/schema";

const neverWas = "aaaaaaaaaaaaaaaa";
const origin = (id: string) => `${new URL(process.env.BERTH_URL ?? "").origin.replace("//", `//${id}.apps.`)}/`;

test("a folder of HTML is shown on its own origin, and its ticket works once", async ({ page, alice, cluster }) => {
  await withFolder("Results of run 7", async (folder) => {
    await signIn(page, "alice", `/launch/web-folder?name=Results&p.folder=${encodeURIComponent(folder)}`);
    await expect(page.getByLabel(/^Folder/)).toHaveValue(folder);
    await page.getByRole("button", { name: "Launch", exact: true }).click();
    await page.waitForURL(/\/sessions\/[a-z][a-z0-9]{15}$/);
    const id = new URL(page.url()).pathname.split("/").at(-1) ?? "";
    await expect(page.getByRole("heading", { name: "Web folder is ready" })).toBeVisible({ timeout: 60_000 });
    const opened = page.waitForEvent("popup");
    const ticketAsked = page.waitForResponse((answer) => answer.url().endsWith(paths.ticket(id)));
    await page.getByRole("button", { name: "Open", exact: true }).click();
    const app = await opened;
    await expect(app.getByRole("heading", { name: "Results of run 7" })).toBeVisible();
    expect(app.url()).toBe(origin(id));
    expect((await alice.session(id)).cluster).toBe(cluster);

    const { url } = await (await ticketAsked).json();
    expect(new URL(url).origin).toBe(new URL(origin(id)).origin);
    await usedTicketOpensNothing(page.context(), url);
  });
});

/** Somebody who got hold of the address afterwards, in a browser without our cookies. */
async function usedTicketOpensNothing(owner: BrowserContext, url: string): Promise<void> {
  const browser = owner.browser();
  if (!browser) throw new Error("The context has no browser.");
  const thief = await browser.newContext();
  const page = await thief.newPage();
  const answer = await page.goto(url);
  expect(answer?.status()).toBe(401);
  await expect(page.getByRole("heading", { name: "Open this session from the portal." })).toBeVisible();
  expect(await thief.cookies(url)).toEqual([]);
  await thief.close();
}

/** The page without what names the address it was asked for; `cookie` is sent whatever origin it came from. */
const bodyOf = async (page: Page, url: string, cookie?: string) => {
  await page.setExtraHTTPHeaders(cookie ? { cookie } : {});
  const answer = await page.goto(url);
  return { status: answer?.status(), text: (await page.content()).replaceAll(/[a-z][a-z0-9]{15}/g, "ID") };
};

test("another person's session reads exactly like one that never was", async ({ page, alice, bob, cluster }) => {
  const { id } = await alice.create(smallFolder(cluster, { name: "Private to alice" }));
  await untilState(alice, id, "ready");
  const verbs = [
    ["GET", paths.session],
    ["GET", paths.log],
    ["POST", paths.stop],
    ["POST", paths.ticket],
  ] as const;
  for (const [method, path] of verbs) {
    const hers = await bob.ask<Record<string, unknown>>(path(id), { method });
    const none = await bob.ask<Record<string, unknown>>(path(neverWas), { method });
    expect(hers.status).toBe(404);
    expect({ ...hers.body, requestId: "", instance: "" }).toEqual({ ...none.body, requestId: "", instance: "" });
    expect(JSON.stringify(hers.body)).not.toContain("Private to alice");
  }
  await signIn(page, "bob");
  expect(await bodyOf(page, origin(id))).toEqual(await bodyOf(page, origin(neverWas)));
  await page.goto(`/sessions/${id}`);
  await expect(page.getByRole("heading", { name: "There is no such session" }).first()).toBeVisible();
  expect((await alice.session(id)).state).toBe("ready");
});

test("bob with a cookie of his own app gets the page of a session that never was", async ({
  page,
  alice,
  bob,
  cluster,
}) => {
  const hers = await alice.create(smallFolder(cluster));
  const his = await bob.create(smallFolder(cluster));
  await untilState(alice, hers.id, "ready");
  await untilState(bob, his.id, "ready");
  const { url } = await bob.must<{ url: string }>(paths.ticket(his.id), { method: "POST" });
  await page.goto(url);
  expect(page.url()).toBe(origin(his.id));
  // The cookie is host-only; forged onto her origin it names his session, not hers.
  const [cookie] = await page.context().cookies(origin(his.id));
  const knock = (id: string) => bodyOf(page, origin(id), `${cookie?.name}=${cookie?.value}`);
  const foreign = await knock(hers.id);
  expect(foreign.status).toBe(404);
  expect(foreign).toEqual(await knock(neverWas));
  expect((await knock(his.id)).status).toBe(200);
});

test("a session's page shows what was asked for and what happened, word for word", async ({ page, alice, cluster }) => {
  const made: SessionView = await alice.create(smallFolder(cluster, { name: "Look <b>here</b>", minutes: 45 }));
  await untilState(alice, made.id, "ready");
  await signIn(page, "alice", `/sessions/${made.id}`);
  await expect(page.getByRole("heading", { name: "Look <b>here</b>" })).toBeVisible();
  const details = page.getByRole("complementary", { name: "Details" });
  await expect(details.getByText("45 min", { exact: true })).toBeVisible();
  await expect(page.getByRole("log")).toContainText("serving");
});
