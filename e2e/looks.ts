// What may be wrong with how a page looks, as sentences: accessibility rules by axe, and sideways scrolling.
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";

const standards = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
/** What a theme can change: it sets colours and nothing else. */
const colourRules = ["color-contrast", "link-in-text-block"];
export const sizes = { wide: { width: 1440, height: 900 }, narrow: { width: 360, height: 740 } } as const;
export const themes = ["light", "dark"] as const;

/** Nothing is loading any more, and scripts have taken the page over. The event stream never ends, so "network idle" would never come. */
export async function settled(page: Page): Promise<void> {
  // The server's HTML may already be whole: React marks what it has taken over.
  await page.waitForFunction(() => Object.keys(document.body).some((key) => key.startsWith("__react")));
  await page.waitForFunction(() => document.querySelectorAll(".skeleton, [aria-busy=true]").length === 0);
  // Axe would measure a colour in the middle of a transition.
  await page.waitForFunction(() => document.getAnimations().every((one) => one.playState !== "running" || !one.effect));
}

async function axeFaults(page: Page, which: (axe: AxeBuilder) => AxeBuilder): Promise<string[]> {
  // Without it, axe opens a tab of its own for each verdict, to keep frames apart: more work than the verdict.
  const axe = new AxeBuilder({ page })
    .options({ resultTypes: ["violations"] })
    .setLegacyMode(page.frames().length === 1);
  const { violations } = await which(axe).analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(
      ({ target, any, failureSummary }) => `${id} at ${target.join(" ")}: ${any[0]?.message ?? failureSummary}`,
    ),
  );
}

/** By how much the page scrolls sideways; empty when it does not. */
export async function sideways(page: Page): Promise<string[]> {
  const { scrollWidth, clientWidth } = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return { scrollWidth, clientWidth };
  });
  return scrollWidth > clientWidth ? [`${scrollWidth - clientWidth} px too wide`] : [];
}

type Looks = { sizes: (keyof typeof sizes)[]; themes: (typeof themes)[number][]; prepare?: () => Promise<void> };

/** Everything that is wrong with `path` in the sizes and themes of `looks`, after `prepare`. */
export async function faultsIn(page: Page, path: string, looks: Looks): Promise<string[]> {
  const { prepare } = looks;
  const faults: string[] = [];
  for (const size of looks.sizes) {
    const viewport = sizes[size];
    await page.setViewportSize(viewport);
    await page.goto(path);
    await settled(page);
    await prepare?.();
    for (const colorScheme of looks.themes) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await settled(page);
      const which = (axe: AxeBuilder) =>
        colorScheme === "light" ? axe.withTags(standards) : axe.withRules(colourRules);
      const found = [...(await axeFaults(page, which)), ...(await sideways(page))];
      faults.push(...found.map((words) => `${path} ${size} ${colorScheme}: ${words}`));
    }
  }
  return faults;
}

/** Everything that is wrong with `path` in both sizes and both themes, after `prepare`. */
export const faultsOf = (page: Page, path: string, prepare?: () => Promise<void>): Promise<string[]> =>
  faultsIn(page, path, { sizes: ["wide", "narrow"], themes: ["light", "dark"], prepare });
