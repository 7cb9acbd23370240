// How much JavaScript a first visit transfers, against an empty Next app.
//
// The empty app: app/layout.js with <html><body>, app/page.js with one heading, Next 16.4.6 and React 19.3.1, `next build`,
// `next start`; measured with scriptsKB in Debian's Chromium, which leaves out the polyfills for browsers without modules.
import type { BrowserContext } from "@playwright/test";
import { expect, signIn, test } from "@/e2e/fixtures";
import { settled } from "@/e2e/looks";
import { paths } from "@/lib/paths";

const emptyAppKB = 134.9;
const budget = 1.5;

/** Kilobytes (1000 bytes) of JavaScript as transferred, compressed, until the page has settled; nothing is cached. */
async function scriptsKB(context: BrowserContext, path: string): Promise<number> {
  const page = await context.newPage();
  await page.goto(path);
  await settled(page);
  const bytes = await page.evaluate(() =>
    performance
      .getEntriesByType("resource")
      .filter(({ name }) => new URL(name).pathname.endsWith(".js"))
      // The browser documents these entries as PerformanceResourceTiming.
      .reduce((sum, entry) => sum + (entry as PerformanceResourceTiming).encodedBodySize, 0),
  );
  await page.close();
  return bytes / 1000;
}

for (const path of [paths.home(), paths.sessions()]) {
  test(`a first visit of ${path} loads at most ${budget} times the scripts of an empty app`, async ({
    page,
    context,
  }) => {
    await signIn(page, "alice");
    await page.goto("about:blank");
    const kilobytes = await scriptsKB(context, path);
    test.info().annotations.push({ type: "first load", description: `${path}: ${kilobytes.toFixed(1)} KB` });
    expect(kilobytes).toBeGreaterThan(50);
    expect(kilobytes).toBeLessThanOrEqual(emptyAppKB * budget);
  });
}
