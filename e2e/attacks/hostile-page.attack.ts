// A page that somebody else wrote, opened by alice in her own session beside the portal: it has her browser, and must get
// nothing of the portal's. Real Chromium decides what it may read; the portal decides what it may do.
import type { Browser, BrowserContext, Page } from "@playwright/test";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type HostileApp, hostileApp, saying } from "@/e2e/attacks/hostile-app";
import { openHostile, signIn, startBrowser } from "@/e2e/attacks/open-hostile";
import { appHost, siteUnderTest } from "@/e2e/attacks/site";
import type { Answer } from "@/lib/endpoints";
import { api as paths } from "@/lib/paths";

let browser: Browser;
let context: BrowserContext;
let portal: Page;
let evil: Page;
let app: HostileApp;
let sibling: HostileApp;
const { url } = siteUnderTest();

beforeAll(async () => {
  browser = await startBrowser();
  context = await browser.newContext();
  portal = await context.newPage();
  [app, sibling] = [await hostileApp("alice"), await hostileApp("alice", "Targets")];
  await signIn(portal, "alice");
  evil = await openHostile(context, app);
  // Her browser may open the sibling as well: its cookie is there to be misused.
  await (await openHostile(context, sibling)).close();
});
afterAll(() => browser.close());

/** What an attack may change; read with a token, so that her login plays no part. */
async function possessions() {
  const { items } = await app.api.must<Answer<"tokens">>(paths.tokens());
  const sessions = await app.api.live();
  return { tokens: items.map(({ id }) => id), sessions: sessions.map(({ id, state }) => `${id} ${state}`) };
}

/** Her login is still good, in the portal's own page. */
const isSignedIn = () => portal.evaluate(async (path) => (await fetch(path)).status === 200, paths.me());

/** Of RequestInit what can be handed to a page. */
type Wish = Pick<RequestInit, "credentials" | "method" | "mode"> & { body?: string; headers?: Record<string, string> };

/** What the page learns of an answer: nothing when it may not. */
const fetched = (address: string, init: Wish) =>
  evil.evaluate(
    async ([to, how]) => {
      const answer = await fetch(to, how).catch((error: Error) => error.name);
      return typeof answer === "string" ? answer : `${answer.type} ${answer.status} ${(await answer.text()).length}`;
    },
    [address, init] as const,
  );

it.each([paths.me(), paths.sessions(), paths.tokens(), "/", paths.health()])(
  "D2 a page of an app reads nothing at the portal's %s",
  async (path) => {
    expect(await fetched(url + path, { credentials: "include" })).toBe("TypeError");
    expect(await fetched(url + path, { credentials: "include", mode: "no-cors" })).toMatch(/^(TypeError|opaque 0 0)$/);
  },
);

const posts: [string, path: string, Wish][] = [
  ["a token", paths.tokens(), { body: JSON.stringify({ name: "evil", days: 30, scopes: ["sessions:write"] }) }],
  ["a session", paths.sessions(), { body: JSON.stringify({ template: "hostile", cluster: "hpc", cpus: 1 }) }],
  ["the end of her login", paths.signOut(), { body: "{}" }],
  ["a sign-in as somebody else", "/api/auth/signin/oidc", { body: "callbackUrl=/" }],
  ["a sign-out by next-auth", "/api/auth/signout", { body: "callbackUrl=/" }],
];

it.each(posts)("D2 a page of an app cannot ask the portal for %s", async (_what, path, init) => {
  const before = await possessions();
  for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/json"]) {
    for (const mode of ["cors", "no-cors"] as const) {
      const headers = { "content-type": type };
      const said = await fetched(url + path, { ...init, method: "POST", credentials: "include", mode, headers });
      expect(said).toMatch(/^(TypeError|opaque 0 0)$/);
    }
  }
  expect(await possessions()).toEqual(before);
  expect(await isSignedIn()).toBe(true);
});

it.each([paths.signOut(), paths.tokens(), "/api/auth/signout", "/"])(
  "D2 a form that posts itself to the portal's %s changes nothing",
  async (path) => {
    const before = await possessions();
    const page = await openHostile(context, app);
    const answered = page.waitForResponse((answer) => answer.url() === url + path);
    await page.evaluate((action) => {
      document.body.innerHTML = `<form method="post" enctype="text/plain" action="${action}"><input name='{"name":"evil","x":"' value='"}'></form>`;
      document.forms[0]?.submit();
    }, url + path);
    expect((await answered).status()).toBeGreaterThanOrEqual(400);
    await page.close();
    expect(await possessions()).toEqual(before);
    expect(await isSignedIn()).toBe(true);
  },
);

it("D2 a page of an app cannot read the portal in a window that it opened, nor keep hold of that window", async () => {
  const opened = context.waitForEvent("page");
  await evil.evaluate((address) => Object.assign(window, { opened: window.open(address) }), `${url}/`);
  const popup = await opened;
  await popup.waitForLoadState();
  expect(new URL(popup.url()).origin).toBe(url);
  const seen = await evil.evaluate(() => {
    // Set just above.
    const { opened } = window as unknown as { opened: Window };
    const attempt = (what: () => unknown) => {
      try {
        return String(what());
      } catch (error) {
        return (error as Error).name;
      }
    };
    return {
      closed: opened.closed,
      html: attempt(() => opened.document.body.innerHTML),
      frames: attempt(() => opened.length),
    };
  });
  expect(seen.closed).toBe(true);
  expect(seen.html).not.toContain("<");
  expect(seen.frames).toBe("0");
  expect(await popup.evaluate(() => window.opener === null)).toBe(true);
  await popup.close();
});

it("D2 an app that the portal opened has no hold of the portal's window", async () => {
  await portal.goto(`${url}/sessions/${app.id}`);
  const opened = context.waitForEvent("page");
  await portal.getByRole("button", { name: "Open", exact: true }).click();
  const page = await opened;
  await page.waitForURL((address) => address.host === app.host);
  expect(await page.evaluate(() => window.opener === null)).toBe(true);
  await page.close();
});

it.each(["/", "/settings", paths.me(), "/no-such-page"])(
  "D2 the portal's %s does not show in a frame",
  async (path) => {
    const shown = await evil.evaluate(async (src) => {
      const frame = document.createElement("iframe");
      const loaded = new Promise((done) => frame.addEventListener("load", done));
      frame.src = src;
      document.body.append(frame);
      await loaded;
      try {
        return frame.contentDocument?.body.innerHTML ?? "nothing";
      } catch (error) {
        return (error as Error).name;
      }
    }, url + path);
    expect(shown).toBe("nothing");
    const frames = evil.frames().filter((frame) => frame !== evil.mainFrame());
    // Chromium shows its own page of an error in place of what may not be framed.
    for (const frame of frames) expect(frame.url()).not.toMatch(new RegExp(`^${url}`));
  },
);

it("D2 what the portal answers is no script, image, style or font for a page of an app", async () => {
  const loaded = await evil.evaluate(async (base) => {
    const sources = [
      ["script", "src", "/api/me"],
      ["script", "src", "/api/openapi.json"],
      ["img", "src", "/icons/icon-192.png"],
      ["img", "src", "/api/templates/hostile/icon"],
      ["link", "href", "/api/me"],
    ] as const;
    const results = sources.map(([tag, attribute, path]) => {
      const element = Object.assign(document.createElement(tag), { rel: "stylesheet" });
      const outcome = new Promise<string>((done) => {
        element.addEventListener("load", () => done(`${tag} ${path} loaded`));
        element.addEventListener("error", () => done("refused"));
      });
      element.setAttribute(attribute, base + path);
      document.head.append(element);
      return outcome;
    });
    return Promise.all(results);
  }, url);
  expect(new Set(loaded)).toEqual(new Set(["refused"]));
});

it("D2 a service worker of an app governs its own origin alone", async () => {
  const script = saying("self.addEventListener('fetch', (e) => e.respondWith(new Response('worker was here')))", [
    ["Content-Type", "text/javascript"],
    ["Service-Worker-Allowed", "/"],
  ]);
  const page = await openHostile(context, app);
  const register = (scope: string) =>
    page.evaluate(
      ([file, within]) =>
        navigator.serviceWorker.register(file, { scope: within }).then(
          (registered) => registered.scope,
          (error: Error) => error.name,
        ),
      [script, scope] as const,
    );
  expect(await register(`${url}/`)).toBe("SecurityError");
  expect(await register(`http://${sibling.host}/`)).toBe("SecurityError");
  const own = await register("/");
  expect(own).toBe(`http://${app.host}/`);
  await portal.goto(`${url}/`);
  expect(await portal.evaluate(() => navigator.serviceWorker.controller)).toBeNull();
  expect(await portal.content()).not.toContain("worker was here");
  expect(await isSignedIn()).toBe(true);
  await page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.unregister());
  await page.close();
});

/** Whether a WebSocket opens. */
const socketOpens = (page: Page, address: string) =>
  page.evaluate(
    (to) =>
      new Promise<boolean>((done) => {
        const socket = new WebSocket(to);
        socket.onopen = () => done(true);
        socket.onerror = () => done(false);
      }),
    address,
  );

it("D2 a page of an app opens WebSockets to its own session only", async () => {
  const portalSocket = url.replace("http", "ws");
  const bob = await hostileApp("bob");
  expect(await socketOpens(evil, `ws://${app.host}/d2`)).toBe(true);
  for (const address of [`${portalSocket}/`, `${portalSocket}/api/events`, `ws://${sibling.host}/d2-ws`]) {
    expect(await socketOpens(evil, address)).toBe(false);
  }
  expect(await socketOpens(evil, `ws://${bob.host}/d2-ws`)).toBe(false);
  expect(await socketOpens(portal, `ws://${sibling.host}/d2-ws`)).toBe(false);
  expect([...(await sibling.seen("d2-ws")), ...(await bob.seen("d2-ws"))]).toEqual([]);
});

it("D2 a page of an app reaches none of its owner's other sessions", async () => {
  const to = `http://${appHost(sibling.id)}/d2-sibling`;
  expect(await fetched(to, { credentials: "include" })).toBe("TypeError");
  expect(await fetched(to, { credentials: "include", mode: "no-cors" })).toMatch(/^(TypeError|opaque 0 0)$/);
  expect(await fetched(to, { credentials: "include", mode: "no-cors", method: "POST", body: "x" })).toMatch(
    /^(TypeError|opaque 0 0)$/,
  );
  expect(await sibling.seen("d2-sibling")).toEqual([]);
});

it("D9 the ticket that opened an app is in no request of its page, nor in its address or history", async () => {
  const page = await openHostile(context, app);
  await page.evaluate(() => fetch("/d9-after"));
  const [after] = await app.seen("/d9-after");
  expect(after?.head).not.toMatch(/ticket/i);
  expect(await app.seen("ticket=")).toEqual([]);
  const known = await page.evaluate(() => [location.href, document.referrer, JSON.stringify(performance.getEntries())]);
  // The browser keeps the entry that was left by a redirect for nobody to read.
  expect(known.join(" ")).not.toMatch(/ticket=/);
  expect(await page.evaluate(() => history.length)).toBeLessThanOrEqual(2);
  await page.close();
});
