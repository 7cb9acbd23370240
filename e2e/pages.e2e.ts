// Every page of lib/paths.ts, wide and on a phone, light and dark, for everybody who may see it.
import type { Page } from "@playwright/test";
import { type Api, smallFolder, untilState } from "@/e2e/api";
import { expect, signIn, test } from "@/e2e/fixtures";
import { faultsIn, faultsOf } from "@/e2e/looks";
import { paths } from "@/lib/paths";

type Ids = { live: string; ended: string; cluster: string };

/** By name of the path, so that a path added to lib/paths.ts and not here does not compile. */
const pagesFor = ({ live, ended, cluster }: Ids): Record<Exclude<keyof typeof paths, "signIn">, string[]> => ({
  home: [paths.home()],
  noAccess: [paths.noAccess()],
  launch: [paths.launch()],
  compose: [paths.compose("jupyter"), `${paths.compose("web-folder")}?cpus=900`, paths.compose("no-such-template")],
  sessions: [paths.sessions(), `${paths.sessions()}?q=nothing-matches-this`],
  session: [paths.session(live), paths.session(ended), paths.session("aaaaaaaaaaaaaaaa")],
  clusters: [paths.clusters()],
  terminals: [paths.terminals()],
  terminal: [paths.terminal("aaaaaaaaaaaaaaaa")],
  files: [paths.files()],
  clusterFiles: [paths.clusterFiles(cluster), paths.clusterFiles("no-such-cluster")],
  folder: [paths.folder(cluster, "~"), paths.folder(cluster, "~/no-such-folder")],
  file: [paths.file(cluster, "~", "no-such-file")],
  settings: [paths.settings()],
});

type Looking = { page: Page; alice: Api; cluster: string };

async function faultsOfAllPages(
  { page, alice, cluster }: Looking,
  look: (path: string) => Promise<string[]>,
): Promise<string[]> {
  const { id: ended } = await alice.create(smallFolder(cluster, { name: "Ended" }));
  await alice.stop(ended);
  const { id: live } = await alice.create(
    smallFolder(cluster, { name: "Live, with a name as long as names get here" }),
  );
  await untilState(alice, live, "ready");
  await untilState(alice, ended, "ended");
  const faults = await look(paths.signIn());
  await signIn(page, "alice");
  for (const path of [...Object.values(pagesFor({ live, ended, cluster })).flat(), "/no-such-page"])
    faults.push(...(await look(path)));
  return faults;
}

test("every page is axe clean at 360 px, and scrolls in one direction only", async ({ page, alice, cluster }) => {
  test.setTimeout(300_000);
  const look = (path: string) => faultsIn(page, path, { sizes: ["narrow"], themes: ["light"] });
  expect(await faultsOfAllPages({ page, alice, cluster }, look)).toEqual([]);
});

test("every page is axe clean, wide and at 360 px, light and dark, and scrolls in one direction only", {
  tag: "@all",
}, async ({ page, alice, cluster }) => {
  test.setTimeout(300_000);
  expect(await faultsOfAllPages({ page, alice, cluster }, (path) => faultsOf(page, path))).toEqual([]);
});

test("dialogs are axe clean too: the palette, stopping a session, creating a token", { tag: "@all" }, async ({
  page,
  alice,
  cluster,
}) => {
  test.setTimeout(300_000);
  const { id } = await alice.create(smallFolder(cluster));
  await signIn(page, "alice");
  const dialogs = [
    { path: paths.home(), open: () => page.keyboard.press("Control+k") },
    { path: paths.session(id), open: () => page.getByRole("button", { name: "Stop", exact: true }).click() },
    { path: paths.settings(), open: () => page.getByRole("button", { name: "Create token" }).first().click() },
  ];
  const faults: string[] = [];
  for (const { path, open } of dialogs) {
    faults.push(
      ...(await faultsOf(page, path, async () => {
        await open();
        await expect(page.getByRole("dialog")).toBeVisible();
      })),
    );
  }
  expect(faults).toEqual([]);
});
