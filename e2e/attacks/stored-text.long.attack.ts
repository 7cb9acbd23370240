// Markup stored wherever a text can be stored, and every page visited with it in a real Chromium: it is shown as it was
// written, and no script of it runs. The content security policy must not even be asked.
import { rmSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { smallFolder, stopAll, untilState } from "@/e2e/api";
import { accepted, create } from "@/e2e/attacks/ground";
import { executedInBrowser, html, image, script } from "@/e2e/attacks/hostile-text";
import { plantUpload } from "@/e2e/attacks/planted-rows";
import { apiAs, cookieHeader, inDatabase, send, signedIn } from "@/e2e/attacks/site";
import { closeBrowser, misdeeds, openPage } from "@/e2e/attacks/watched-page";
import { asPerson, slurm } from "@/e2e/machine";
import { act } from "@/e2e/test-files";
import { paths } from "@/lib/paths";
import type { SessionView } from "@/lib/sessions/schema";

/** Her claims are markup, too: e2e/attacks/people.json. */
const who = "dora";
const api = apiAs(who);
const node = () => slurm(["sinfo", "-h", "-N", "-o", "%N"])[0] ?? "";
let live: SessionView;
let ended: SessionView;
let token: { id: string };
let terminal: { id: string };

/** In her home, of names that would be markup. */
const stored = "/home/dora/stored";
const folderName = `${image} folder`;
const thrownAway = `${image} thrown away`;
const unfinished = `${image} unfinished`;

async function plantFiles(): Promise<void> {
  const script = `mkdir -p "$0/$1" && printf %s "$2" >"$0/$2" && : >"$0/$3"`;
  asPerson(who, ["sh", "-c", script, stored, folderName, image, thrownAway]);
  await act(api, { action: "delete", cluster: "hpc", paths: [`~/stored/${thrownAway}`], permanent: false });
  await plantUpload(who, { folder: stored, name: unfinished });
}

/** Words of schedulers and reasons of ends: what no request can set, a hostile cluster could say. */
async function plantWords(id: string): Promise<void> {
  const json = JSON.stringify({ state: html, reason: html, exitCode: null, signal: null });
  await inDatabase(
    `UPDATE "Session" SET "endDetail" = $2, "endWords" = $2, "endReason" = 'failed', node = $2, partition = $2, account = $2,
     native = $3::jsonb, "cleanedAt" = now() WHERE id = $1`,
    [id, html, json],
  );
}

beforeAll(async () => {
  ended = accepted(await create(who, { ...smallFolder("hpc"), name: html, workdir: `/${html}` }));
  live = accepted(await create(who, { ...smallFolder("hpc"), name: html, parameters: { folder: "/tmp" } }));
  const made = await (await signedIn(who)).post("/api/tokens", { name: html, scopes: ["sessions:read"], days: 1 });
  expect(made.status).toBe(201);
  token = await made.json();
  terminal = await api.must("/api/terminals", {
    method: "POST",
    body: { cluster: "hpc", name: image, folder: "/tmp" },
  });
  slurm([
    "scontrol",
    "update",
    `nodename=${node()}`,
    "state=drain",
    `reason=${html}\nNodeName=evil CPUTot=9 Reason=${html}`,
  ]);
  await plantFiles();
  await untilState(api, ended.id, "ended");
  await plantWords(ended.id);
  await untilState(api, live.id, "ready");
});
afterAll(async () => {
  slurm(["scontrol", "update", `nodename=${node()}`, "state=resume"]);
  await api.ask(`/api/tokens/${token.id}`, { method: "DELETE" });
  await api.ask(`/api/terminals/${terminal.id}/end`, { method: "POST" });
  await stopAll(api);
  await closeBrowser();
  await act(api, { action: "empty-trash", cluster: "hpc" });
  rmSync(stored, { recursive: true, force: true });
});

type Visit = { path: string; shows: string[] };
const query = `?q=${encodeURIComponent(html)}&name=${encodeURIComponent(html)}&folder=${encodeURIComponent(image)}&state=${encodeURIComponent(script)}`;

/** By name of the path, so that a page added to lib/paths.ts and not here does not compile. */
const visits: Record<keyof typeof paths, () => Visit[]> = {
  home: () => [{ path: paths.home(), shows: [html] }],
  signIn: () => [
    { path: `${paths.signIn()}?error=${encodeURIComponent(html)}&callbackUrl=javascript:pwned=1`, shows: [] },
  ],
  noAccess: () => [{ path: `${paths.noAccess()}${query}`, shows: [] }],
  launch: () => [{ path: paths.launch(), shows: [`${image}{{7*7}}`, script] }],
  compose: () => [
    { path: `${paths.compose("marked-up")}${query}`, shows: [`${script} help`, `${image} label`] },
    { path: `${paths.compose("web-folder")}${query}`, shows: [] },
    { path: `/launch/${encodeURIComponent(image)}`, shows: [] },
  ],
  sessions: () => [
    { path: paths.sessions(), shows: [html] },
    { path: `${paths.sessions()}${query}`, shows: [] },
  ],
  session: () => [
    { path: paths.session(live.id), shows: [html] },
    { path: paths.session(ended.id), shows: [html] },
    { path: `/sessions/${encodeURIComponent(image)}`, shows: [] },
  ],
  clusters: () => [{ path: paths.clusters(), shows: [] }],
  terminals: () => [{ path: paths.terminals(), shows: [image] }],
  terminal: () => [{ path: paths.terminal(terminal.id), shows: [image] }],
  files: () => [{ path: `${paths.files()}${query}`, shows: [] }],
  clusterFiles: () => [{ path: paths.clusterFiles("hpc"), shows: [thrownAway] }],
  folder: () => [
    { path: `${paths.folder("hpc", "~")}?filter=${encodeURIComponent(html)}`, shows: [] },
    { path: paths.folder("hpc", "~/stored"), shows: [image, folderName, unfinished] },
    { path: paths.folder("hpc", `~/stored/${folderName}`), shows: [folderName] },
    { path: paths.folder("hpc", `~/${image}`), shows: [] },
  ],
  file: () => [
    { path: paths.file("hpc", "~/stored", image), shows: [image] },
    { path: paths.file("hpc", "~", image), shows: [] },
  ],
  settings: () => [{ path: paths.settings(), shows: [image] }],
};

/** Anything of the planted texts that became an element. */
const becameMarkup = `img[src="x"], a[href^="javascript:"], script:not([src]):not([nonce]), svg[onload], b:has(> b)`;

it.each(Object.entries(visits))("E10 shows planted markup as text and runs none of it: %s", async (_name, of) => {
  for (const { path, shows } of of()) {
    const page = await openPage(who, path);
    await page.waitForFunction(() => document.querySelectorAll(".skeleton, [aria-busy=true]").length === 0);
    for (const text of shows) await page.getByText(text).first().waitFor();
    expect(await page.evaluate((name) => name in window, executedInBrowser), path).toBe(false);
    expect(await page.locator(becameMarkup).count(), path).toBe(0);
    expect(misdeeds.get(page), path).toEqual([]);
    await page.context().close();
  }
});

it("E10 no page's own HTML carries planted markup as markup", async () => {
  const headers = { cookie: cookieHeader(await signedIn(who)) };
  for (const { path } of Object.values(visits).flatMap((of) => of())) {
    const { body, headers: answered } = await send(path, { headers });
    for (const raw of [script, image, "<img src=x", "<svg/onload"]) expect(body, path).not.toContain(raw);
    if (answered["content-type"]?.includes("html"))
      expect(answered["content-security-policy"], path).toMatch(/script-src [^;]*'nonce-/);
  }
});

it("E10 the watch sees a script that runs and a violation: it would be red", async () => {
  const page = await openPage(who, paths.settings());
  await page.evaluate((markup) => document.body.insertAdjacentHTML("beforeend", markup), image);
  await expect.poll(() => misdeeds.get(page)?.join()).toContain("script-src");
  expect(await page.locator(becameMarkup).count()).toBe(1);
  await page.context().close();
});

it("E10 the reason of a node makes no node", async () => {
  const { items } = await api.must<{ items: { partitions: { cpusTotal: number }[] }[] }>("/api/clusters");
  expect(JSON.stringify(items)).not.toContain("evil");
});
