// What is around a terminal's text: links, the clipboard as each system has it, the size and colours of letters, search, and
// what the page says of it.
import type { Page } from "@playwright/test";
import { expect, signIn, test } from "@/e2e/fixtures";
import { prepareTerminal, type TerminalPage } from "@/e2e/terminal-page";
import type { Answer } from "@/lib/endpoints";
import { api, paths } from "@/lib/paths";

test.afterEach(async ({ alice }) => {
  const { items } = await alice.must<Answer<"terminals">>(api.terminals());
  for (const { id, state } of items) if (state !== "ended") await alice.must(api.endTerminal(id), { method: "POST" });
});

/** A new terminal without a name of its own, on the first cluster, at a short prompt. */
async function opened(page: Page): Promise<TerminalPage> {
  const terminal = await prepareTerminal(page);
  await signIn(page, "alice", paths.terminals());
  await page.getByRole("button", { name: "New terminal" }).first().click();
  await page.getByRole("button", { name: "Open", exact: true }).click();
  await expect(page.getByText("Connected", { exact: true })).toBeVisible();
  await terminal.shows(/[$#>%] *$/m);
  await terminal.run("PS1='$ '; clear");
  await terminal.shows(/^\$ *\n*$/);
  return terminal;
}

const row = (terminal: TerminalPage, text: string | RegExp) =>
  terminal.box.locator(".xterm-rows > div").filter({ hasText: text }).last();

test("a tab is named after the cluster as people know it, and says when the terminal ends by itself", {
  tag: "@all",
}, async ({ page, alice }) => {
  await opened(page);
  const { items } = await alice.must<Answer<"clusters">>(api.clusters());
  const tabs = page.getByRole("navigation", { name: "Open terminals" });
  await expect(tabs.getByRole("link", { name: items[0]?.title ?? "" })).toBeVisible();
  await expect(page.getByText(/^.*Ends by itself when nobody uses it until .*\d\d:\d\d/)).toBeVisible();
});

test("a web address is a link that is followed only after its address was shown", { tag: "@all" }, async ({
  page,
  context,
}) => {
  const terminal = await opened(page);
  await terminal.run("echo http://example.org/'a?b'=c and more");
  const line = row(terminal, /^http:/);
  const box = await line.boundingBox();
  if (!box) throw new Error("The address is not on the screen.");
  await page.mouse.move(box.x + 90, box.y + box.height / 2 + 1);
  await page.mouse.move(box.x + 60, box.y + box.height / 2, { steps: 5 });
  await page.mouse.down();
  await page.mouse.up();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByText("http://example.org/a?b=c", { exact: true })).toBeVisible();
  await expect(dialog.getByRole("link", { name: "Open the link" })).toHaveAttribute("rel", "noopener noreferrer");
  await dialog.getByRole("button", { name: "Cancel" }).click();
  expect(context.pages()).toHaveLength(1);
});

const systems = [
  { system: "Linux", copy: "Control+Shift+KeyC", paste: "Control+Shift+KeyV" },
  { system: "Windows", copy: "Control+KeyC", paste: "Control+KeyV" },
];
for (const { system, copy, paste } of systems)
  test(`what is selected is copied and pasted by the keys of ${system}, and Ctrl-C is the program's else`, {
    tag: "@all",
  }, async ({ page, context }) => {
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.addInitScript((platform) => {
      Object.defineProperty(navigator, "userAgentData", { value: { platform } });
    }, system);
    const terminal = await opened(page);
    await terminal.run("echo echo cop''ied");
    // The screen lies above its rows and takes the mouse.
    await row(terminal, /^echo copied/).click({ clickCount: 3, position: { x: 40, y: 8 }, force: true });
    await page.keyboard.press(copy);
    await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe("echo copied");
    await page.keyboard.press(paste);
    await terminal.shows(/^\$ echo copied$/m);
    await page.keyboard.press("Enter");
    await terminal.shows(/^copied$/m);
    await terminal.run("sleep 1000");
    await terminal.shows(/sleep 1000/);
    await page.keyboard.press("Control+c");
    await terminal.shows(/\^C/);
  });

test("a Mac's Option types the signs of its keyboard, and is Meta where that is chosen in settings", {
  tag: "@all",
}, async ({ page, context }) => {
  await page.addInitScript(() => Object.defineProperty(navigator, "platform", { value: "MacIntel" }));
  const devtools = await context.newCDPSession(page);
  /** Option-7 of a German keyboard. */
  const pressPipe = async () => {
    const key = { modifiers: 1, key: "|", code: "Digit7", windowsVirtualKeyCode: 55 };
    await devtools.send("Input.dispatchKeyEvent", { type: "keyDown", text: "|", unmodifiedText: "7", ...key });
    await devtools.send("Input.dispatchKeyEvent", { type: "keyUp", ...key });
  };
  const terminal = await opened(page);
  await page.keyboard.type("echo one ");
  await pressPipe();
  await terminal.run(" tr o O");
  await terminal.shows(/^One$/m);
  const address = page.url();
  await page.goto(paths.settings());
  await page.getByRole("checkbox", { name: /^Option is Meta/ }).check();
  await page.goto(address);
  await terminal.shows(/^One$/m);
  // Not before the shell has given the terminal back its own ways: until then a return is no end of a line.
  await terminal.run("echo gi''ven; cat -v");
  await terminal.shows(/^given$/m);
  await pressPipe();
  await page.keyboard.press("Enter");
  await terminal.shows(/^\^\[7$/m);
});

test("AltGr types the signs of a German keyboard on Windows", { tag: "@all" }, async ({ page, context }) => {
  await page.addInitScript(() => Object.defineProperty(navigator, "platform", { value: "Win32" }));
  const devtools = await context.newCDPSession(page);
  const terminal = await opened(page);
  await page.keyboard.type("echo one ");
  // Windows tells AltGr as Ctrl and Alt.
  const key = { modifiers: 3, key: "|", code: "IntlBackslash", windowsVirtualKeyCode: 226 };
  await devtools.send("Input.dispatchKeyEvent", { type: "keyDown", text: "|", unmodifiedText: "<", ...key });
  await devtools.send("Input.dispatchKeyEvent", { type: "keyUp", ...key });
  await terminal.run(" tr o O");
  await terminal.shows(/^One$/m);
});

test("letters have the program's true colours, grow, stay as large after a reload, and are found", {
  tag: "@all",
}, async ({ page }) => {
  const terminal = await opened(page);
  await terminal.run("clear; printf '\\033[38;2;120;10;20mtrue\\033[0m co''lour\\n'");
  await terminal.shows(/^true colour$/m);
  const letters = row(terminal, /^true colour/).getByText("true");
  expect(await letters.evaluate((letter) => getComputedStyle(letter).color)).toBe("rgb(120, 10, 20)");

  const size = () =>
    terminal.box.locator(".xterm-rows").evaluate((rows) => Number.parseFloat(getComputedStyle(rows).fontSize));
  const before = await size();
  await page.getByRole("button", { name: "Larger text" }).click();
  await expect.poll(size).toBe(before + 1);
  await page.reload();
  await terminal.shows(/^true colour$/m);
  expect(await size()).toBe(before + 1);
  await page.getByRole("button", { name: "Smaller text" }).click();
  await expect.poll(size).toBe(before);

  await page.getByRole("button", { name: "Search", exact: true }).click();
  await page.getByRole("textbox", { name: "Search in what was printed" }).fill("colour");
  await page.keyboard.press("Enter");
  await expect(terminal.box.locator(".xterm-selection > div").first()).toBeAttached();
  await page.getByRole("textbox", { name: "Search in what was printed" }).fill("never printed");
  await page.keyboard.press("Enter");
  await expect(page.getByText("Not found", { exact: true })).toBeVisible();
});

test("a terminal takes the colours of the page's theme, also when that changes", { tag: "@all" }, async ({ page }) => {
  await page.emulateMedia({ colorScheme: "light" });
  const terminal = await opened(page);
  const back = () =>
    terminal.box.locator(".xterm-scrollable-element").evaluate((box) => getComputedStyle(box).backgroundColor);
  const light = await back();
  await page.emulateMedia({ colorScheme: "dark" });
  await expect.poll(back).not.toBe(light);
});
