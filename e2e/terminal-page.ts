// One terminal's page as a person sees it: its text, its keys, and a network that can be cut.
import type { Locator, Page, WebSocketRoute } from "@playwright/test";
import { expect } from "@/e2e/fixtures";

export type TerminalPage = {
  page: Page;
  /** The rows on the screen, without spaces at their ends. */
  text: () => Promise<string>;
  shows: (what: RegExp | string) => Promise<void>;
  /** How many rows the screen has. */
  rows: () => Promise<number>;
  /** Types a line and Enter. */
  run: (line: string) => Promise<void>;
  /** Cuts the connection and keeps the page without a network until comeBack(). */
  goAway: () => Promise<void>;
  comeBack: () => Promise<void>;
  box: Locator;
};

type Wish = {
  /** So that goAway() works. Each message then takes a way around, which is too slow for a flood. */
  canBeCut?: boolean;
};

/** Prepares `page` before it goes to a terminal: text in the page itself instead of pixels, and sockets that can be cut. */
export async function prepareTerminal(page: Page, { canBeCut = false }: Wish = {}): Promise<TerminalPage> {
  const sockets: WebSocketRoute[] = [];
  await page.addInitScript(() => {
    const original = HTMLCanvasElement.prototype.getContext;
    // WebGL draws pixels, which nobody can read; without it xterm writes rows.
    HTMLCanvasElement.prototype.getContext = function (this: HTMLCanvasElement, kind: string, ...rest: unknown[]) {
      return kind === "webgl2" ? null : Reflect.apply(original, this, [kind, ...rest]);
    } as typeof original;
  });
  if (canBeCut)
    await page.routeWebSocket(/\/api\/terminals\/[0-9a-f]{32}\/socket$/, (socket) => {
      socket.connectToServer();
      sockets.push(socket);
    });
  const box = page.getByTestId("terminal");
  const rows = box.locator(".xterm-rows > div");
  const text = async () => (await rows.allTextContents()).map((row) => row.trimEnd()).join("\n");
  return {
    page,
    text,
    shows: (what) => expect.poll(text, { intervals: [50, 100] }).toMatch(what),
    rows: () => rows.count(),
    run: async (line) => {
      await page.keyboard.type(line);
      await page.keyboard.press("Enter");
    },
    goAway: async () => {
      await page.context().setOffline(true);
      for (const socket of sockets.splice(0)) await socket.close({ code: 4000, reason: "no network" });
    },
    comeBack: () => page.context().setOffline(false),
    box,
  };
}

/** Opens a new terminal through the dialog and waits for the shell's prompt. */
export async function openTerminal(terminal: TerminalPage, name: string): Promise<string> {
  const { page } = terminal;
  await page.getByRole("button", { name: "New terminal" }).first().click();
  await page.getByRole("dialog").getByLabel("Name").fill(name);
  await page.getByRole("button", { name: "Open", exact: true }).click();
  await page.waitForURL(/\/terminals\/[0-9a-f]{32}$/);
  await expect(page.getByText("Connected", { exact: true })).toBeVisible();
  await terminal.shows(/[$#>%] *$/m);
  return new URL(page.url()).pathname.split("/").at(-1) ?? "";
}
