// A real Chromium for attacks: signed in without the provider's pages, and telling of every script that ran and every
// violation of the content security policy.
import { type Browser, chromium, type Page } from "@playwright/test";
import { shellOptions } from "@/dev/chromium";
import { signedIn, siteUnderTest } from "@/e2e/attacks/site";

let browser: Promise<Browser> | null = null;
const started = () => (browser ??= chromium.launch(shellOptions));

export async function closeBrowser(): Promise<void> {
  await (await browser)?.close();
  browser = null;
}

/** What a page did that it should not: filled while the page lives. */
export const misdeeds = new WeakMap<Page, string[]>();

/** A page of the portal, of a browser in which `who` is signed in. */
export async function openPage(who: string, path: string): Promise<Page> {
  const { url } = siteUnderTest();
  const { cookies } = await signedIn(who);
  const context = await (await started()).newContext({ baseURL: url });
  await context.addCookies([...cookies].map(([name, value]) => ({ name, value, url: url.replace("http:", "https:") })));
  const page = await context.newPage();
  const found: string[] = [];
  misdeeds.set(page, found);
  await page.exposeFunction("tellViolation", (words: string) => found.push(words));
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI, sourceFile }) => {
      // Exposed by the line above.
      const { tellViolation } = window as unknown as { tellViolation: (words: string) => void };
      tellViolation(`${location.pathname} violated ${violatedDirective}: ${blockedURI} ${sourceFile}`);
    });
  });
  page.on("dialog", (dialog) => {
    found.push(`${page.url()} opened a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("pageerror", (error) => found.push(`${page.url()} threw ${error.message}`));
  page.on("console", (message) => {
    if (/content security policy/i.test(message.text())) found.push(`${page.url()}: ${message.text()}`);
  });
  await page.goto(path);
  return page;
}
