// What a program prints is not trusted: in a real browser nothing of it is typed back, copied or followed by itself, and
// bad sockets do not fill the log.
import type { Browser, BrowserContext, Page } from "@playwright/test";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Api } from "@/e2e/api";
import { signIn, startBrowser } from "@/e2e/attacks/open-hostile";
import { apiAs, portalLog, send, siteUnderTest } from "@/e2e/attacks/site";
import { attached, endTerminal, type OpenSocket, plainTerminal } from "@/e2e/attacks/terminal-socket";
import { paths as pages } from "@/lib/paths";

const { url } = siteUnderTest();
const dora: Api = apiAs("dora");
let browser: Browser;
let context: BrowserContext;
let page: Page;
let shell: OpenSocket;
let id: string;
const dialogs: string[] = [];

beforeAll(async () => {
  browser = await startBrowser();
  context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: url });
  page = await context.newPage();
  // Rows of text instead of pixels, so that a row can be found and clicked.
  await page.addInitScript(() => {
    const original = HTMLCanvasElement.prototype.getContext;
    HTMLCanvasElement.prototype.getContext = function (this: HTMLCanvasElement, kind: string, ...rest: unknown[]) {
      return kind === "webgl2" ? null : Reflect.apply(original, this, [kind, ...rest]);
    } as typeof original;
  });
  page.on("dialog", (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  await signIn(page, "dora");
  id = await plainTerminal(dora);
  await page.goto(url + pages.terminal(id));
  await page.getByText("Connected", { exact: true }).waitFor();
  shell = await attached(dora, id);
});
afterAll(async () => {
  shell?.ws.terminate();
  await browser?.close();
  await endTerminal(dora, id);
});

const rows = () => page.getByTestId("terminal").locator(".xterm-rows > div");
const text = async () => (await rows().allTextContents()).map((row) => row.trimEnd()).join("\n");

const randomMark = () => `m${Math.random().toString(36).slice(2, 8)}`;

/** Prints `sequence`, typed by the other viewer. In two parts, so that the typed line itself does not carry the mark. */
async function print(sequence: string): Promise<void> {
  const mark = randomMark();
  shell.type(`clear; printf '${sequence}\\n${mark.slice(0, 3)}%s\\n' ${mark.slice(3)}\r`);
  await expect.poll(text, { timeout: 15_000 }).toContain(mark);
}

/** Prints `sequence` and answers what came back as input within a second: only the page could have typed it. */
async function typedBack(sequence: string): Promise<string> {
  const mark = randomMark();
  await page.getByTestId("terminal").click();
  const asked = `clear; stty -echo; printf '${sequence}'; IFS= read -rsN 400 -t 1.5 got; stty echo; clear`;
  shell.type(`${asked}; printf '${mark.slice(0, 3)}%s:%q:end\\n' ${mark.slice(3)} "$got"\r`);
  const answer = new RegExp(`${mark}:([\\s\\S]*?):end`);
  await expect.poll(text, { timeout: 15_000 }).toMatch(answer);
  return answer.exec((await text()).replaceAll("\n", ""))?.[1] ?? "none";
}

const questions: [string, string][] = [
  ["DECRQSS, the answer of which repeats settings", '\\033P$q"p\\033\\\\\\033P$qm\\033\\\\\\033P$qr\\033\\\\'],
  ["reports of the title", "\\033]0;;touch owned;\\007\\033[21t\\033[20t"],
  ["colours", "\\033]4;1;?\\007\\033]10;?\\007\\033]11;?\\007\\033]12;?\\007"],
  ["the clipboard", "\\033]52;c;?\\007"],
  ["the window's size in pixels and its place", "\\033[14t\\033[13t\\033[15t\\033[19t"],
];

it.each(questions)("C4 a program that asks for %s gets nothing typed", async (_what, sequence) => {
  expect(await typedBack(sequence)).toBe("''");
});

it("C4 what is answered is fixed: no byte of it is of the program's choice", async () => {
  const answer = await typedBack("\\033]0;owned\\007\\033[>c\\033[5n\\033[6n");
  // As bash quotes it: ESC is \E. The test itself sees what is typed back.
  expect(answer.replaceAll("\\E", "")).toMatch(/^\$'\[>\d+;\d+;\d+c\[0n\[\d+;\d+R'$/);
});

it("C4 a program changes neither the clipboard nor the page's title", async () => {
  await page.evaluate(() => navigator.clipboard.writeText("mine"));
  const title = await page.title();
  await typedBack(
    `\\033]52;c;${Buffer.from("rm -rf ~").toString("base64")}\\007\\033]0;Sign in again\\007\\033]2;evil\\007`,
  );
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe("mine");
  expect(await page.title()).toBe(title);
});

async function pressLink(address: string): Promise<void> {
  await print(`\\033[H\\033[2J\\033]8;;${address}\\033\\\\press here\\033]8;;\\033\\\\`);
  expect(await text()).toMatch(/^press\shere/);
  const box = await rows().first().boundingBox();
  if (!box) throw new Error("The link is not on the screen.");
  // xterm looks at what is under the pointer when it moves, and remembers the links of a line until it has been on another.
  await page.mouse.move(box.x + 60, box.y + 5 * box.height);
  await page.mouse.move(box.x + 60, box.y + box.height / 2 + 1);
  await page.mouse.move(box.x + 30, box.y + box.height / 2, { steps: 5 });
  await page.mouse.down();
  await page.mouse.up();
}

it.each(["javascript:alert(1)", "data:text/html,<script>alert(1)</script>", "file:///etc/passwd", "ssh://evil"])(
  "C4 a link to %s leads nowhere",
  async (address) => {
    const before = context.pages().length;
    await pressLink(address);
    expect(await page.getByRole("dialog").allTextContents()).toEqual([]);
    expect([context.pages().length, dialogs, page.url()]).toEqual([before, [], url + pages.terminal(id)]);
  },
);

it("C4 a link to another site is followed only after its address was shown", async () => {
  const before = context.pages().length;
  await pressLink("https://evil.example/?from=terminal");
  await page.getByRole("dialog").getByText("https://evil.example/?from=terminal").waitFor();
  expect(context.pages().length).toBe(before);
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
});

it("C6 a thousand bad sockets leave little in the log", async () => {
  const before = portalLog().length;
  const headers = { authorization: `Bearer ${dora.secret}`, connection: "Upgrade", upgrade: "websocket" };
  const handshake = { "sec-websocket-version": "13", "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==" };
  for (let round = 0; round < 50; round += 1) {
    await Promise.all(
      Array.from({ length: 20 }, () =>
        send(`/api/terminals/${id}/socket`, { headers: { ...headers, ...handshake, "user-agent": "x".repeat(8000) } }),
      ),
    );
  }
  expect(portalLog().length - before).toBeLessThan(1_000_000);
});
