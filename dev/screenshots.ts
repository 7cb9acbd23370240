// Takes every page of a running portal, wide and on a phone, light and dark, into docs/screenshots/.
//   tsx dev/screenshots.ts http://localhost:3000 --sign-in alice [--out DIR] [--only home,launch] [--file run.ipynb] [--axe]
// --sign-in goes through the demo's own sign-on as that account; without it the portal must be open already. --file is one in
// that person's home, and a terminal is taken when there is one.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import AxeBuilder from "@axe-core/playwright";
import { type Browser, type BrowserContext, chromium, type Page } from "@playwright/test";
import { chromiumOptions } from "@/dev/chromium";
import { api, paths } from "@/lib/paths";
import type { SessionView } from "@/lib/sessions/schema";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    "sign-in": { type: "string" },
    out: { type: "string", default: "docs/screenshots" },
    only: { type: "string" },
    file: { type: "string" },
    themes: { type: "string", default: "light,dark" },
    sizes: { type: "string", default: "wide,phone" },
    axe: { type: "boolean", default: false },
  },
});
const base = positionals[0] ?? "http://localhost:3000";

const sizes = {
  wide: { width: 1440, height: 900 },
  phone: { width: 360, height: 740 },
} as const;
type Size = keyof typeof sizes;
type Look = { theme: "light" | "dark"; size: Size };

/** Through the portal's sign-in page and the demo provider's form, as a person would. */
async function signIn(context: BrowserContext, account: string): Promise<void> {
  const page = await context.newPage();
  await page.goto(base + paths.signIn());
  await page.getByRole("button", { name: /sign in|continue/i }).click();
  await page.waitForURL((url) => url.origin !== new URL(base).origin || url.pathname !== paths.signIn());
  const name = page.locator("input[name=login], input[name=username], input[type=text]").first();
  if (await name.isVisible().catch(() => false)) await name.fill(account);
  await page
    .getByRole("button", { name: new RegExp(`sign in|continue|${account}`, "i") })
    .first()
    .click();
  await page.waitForURL(`${base}/**`);
  await page.close();
}

type Shot = { name: string; path: string; prepare?: (page: Page) => Promise<void> };

/** What makes one session look other than the next. */
const kindOf = ({ staleSince, endReason, state }: SessionView) =>
  staleSince ? `stale-${state}` : (endReason ?? state);

/** Pages that are always there, and one session of each kind that this person has. */
async function shots(context: BrowserContext): Promise<Shot[]> {
  const answer = await context.request.get(`${base + api.sessions()}?limit=200`);
  const { items }: { items: SessionView[] } = await answer.json();
  const kinds = new Map(items.map((session) => [kindOf(session), session.id]));
  const openPalette = async (page: Page) => {
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox").waitFor();
  };
  const connected = (page: Page) => page.getByText("Connecting").waitFor({ state: "hidden" });
  const terminals: { items: { id: string }[] } = await (await context.request.get(base + api.terminals())).json();
  const [terminal] = terminals.items;
  const [some] = items;
  const openTokenForm = (page: Page) => page.getByRole("button", { name: "Create token" }).first().click();
  return [
    { name: "home", path: paths.home() },
    { name: "palette", path: paths.home(), prepare: openPalette },
    { name: "launch", path: paths.launch() },
    { name: "compose-jupyter", path: paths.compose("jupyter") },
    { name: "compose-web-folder", path: paths.compose("web-folder") },
    { name: "sessions", path: paths.sessions() },
    ...[...kinds].map(([kind, id]) => ({ name: `session-${kind}`, path: paths.session(id) })),
    { name: "files", path: paths.files() },
    ...(some ? [{ name: "folder", path: paths.folder(some.cluster, "~") }] : []),
    ...(some && values.file ? [{ name: "file", path: paths.file(some.cluster, "~", values.file) }] : []),
    { name: "terminals", path: paths.terminals() },
    ...(terminal ? [{ name: "terminal", path: paths.terminal(terminal.id), prepare: connected }] : []),
    { name: "clusters", path: paths.clusters() },
    { name: "settings", path: paths.settings() },
    { name: "settings-create-token", path: paths.settings(), prepare: openTokenForm },
    { name: "no-access", path: paths.noAccess() },
    { name: "not-found", path: "/no-such-page" },
    // An app's own origin, for somebody who did not come from the portal.
    ...(some ? [{ name: "app-signed-out", path: base.replace("://", `://${some.id}.apps.`) }] : []),
  ];
}

/** Nothing is loading any more. Event streams never end, so "network idle" would never come. */
async function settled(page: Page): Promise<void> {
  await page.waitForLoadState("load");
  await page.waitForFunction(() => document.querySelectorAll(".skeleton, [aria-busy=true]").length === 0);
  await page.waitForFunction(() => [...document.images].every((image) => image.complete));
  await page.evaluate(() => document.fonts.ready);
}

async function check(page: Page, label: string): Promise<number> {
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  if (overflow > 0) console.error(`${label}: ${overflow} px too wide`);
  if (!values.axe) return overflow > 0 ? 1 : 0;
  const { violations } = await new AxeBuilder({ page })
    .withTags(["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"])
    .analyze();
  for (const violation of violations) {
    const where = violation.nodes.map(
      (node) => `${node.target.join(" ")}: ${node.any[0]?.message ?? node.failureSummary}`,
    );
    console.error(`${label}: ${violation.id}\n    ${where.slice(0, 4).join("\n    ")}`);
  }
  return violations.length + (overflow > 0 ? 1 : 0);
}

/** Browsers report the status of these as an error. */
const isRefused = ({ name }: Shot): boolean => name === "not-found" || name === "app-signed-out";

async function take(context: BrowserContext, shot: Shot, { theme, size }: Look): Promise<number> {
  const page = await context.newPage();
  const label = `${shot.name}-${theme}-${size}`;
  const noise: string[] = [];
  page.on("console", (message) => message.type() === "error" && noise.push(message.text()));
  page.on("pageerror", (error) => noise.push(error.message));
  await page.goto(new URL(shot.path, base).href, { waitUntil: "domcontentloaded", timeout: 180_000 });
  await settled(page);
  await shot.prepare?.(page);
  // As tall as the page rather than "full page": what is fixed to the window's edges then is at the picture's edges.
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  if (!shot.prepare)
    await page.setViewportSize({ width: sizes[size].width, height: Math.max(height, sizes[size].height) });
  await page.screenshot({ path: join(values.out, `${label}.png`) });
  const faults = await check(page, label);
  for (const line of noise) if (!isRefused(shot)) console.error(`${label}: ${line}`);
  await page.close();
  return faults;
}

async function takeAll(browser: Browser, look: Look): Promise<number> {
  const context = await browser.newContext({ viewport: sizes[look.size], colorScheme: look.theme, locale: "en-GB" });
  const only = values.only?.split(",");
  let faults = 0;
  if (values["sign-in"]) {
    if (!only) faults += await take(context, { name: "sign-in", path: paths.signIn() }, look);
    await signIn(context, values["sign-in"]);
  }
  for (const shot of await shots(context)) {
    if (!only || only.some((name) => shot.name.startsWith(name))) faults += await take(context, shot, look);
  }
  await context.close();
  return faults;
}

mkdirSync(values.out, { recursive: true });
const browser = await chromium.launch(chromiumOptions);
let faults = 0;
for (const theme of values.themes.split(",") as Look["theme"][]) {
  for (const size of values.sizes.split(",") as Size[]) faults += await takeAll(browser, { theme, size });
}
await browser.close();
console.log(`screenshots in ${values.out}, ${faults} faults`);
process.exitCode = faults > 0 ? 1 : 0;
