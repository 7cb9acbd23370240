// What a first visit loads, and when its largest part is painted: home and sessions in Debian's Chromium, nothing cached, on
// loopback. The scripts are compared with an empty Next app in the same browser; weight and paint with what was published of
// JupyterHub's home page, measured by others on another machine.
import { type Browser, type BrowserContext, chromium, type Page } from "@playwright/test";
import { shellOptions } from "@/dev/chromium";
import { signInAt } from "@/e2e/fixtures";
import { settled } from "@/e2e/looks";
import { paths } from "@/lib/paths";
import type { Context } from "./context";
import { startEmptyNext, untilFirstPage } from "./empty-next";
import { interleaved, median, spreadOf } from "./measure";
import { atMost, told, type Verdict } from "./report";
import type { BenchSite } from "./site";

/** JupyterHub's home page: weight and requests, and milliseconds to the largest paint without and with a cache. */
const hub = { kilobytes: 558, requests: 11, coldMs: 356, warmMs: 130 };

type Visit = { scriptsKB: number; kilobytes: number; requests: number; paintMs: number };

/** Runs in the page. The event stream never ends and so is none of the entries. */
function measured() {
  const resources = performance.getEntriesByType("resource");
  const navigation = performance.getEntriesByType("navigation");
  // The browser documents both kinds of entries as PerformanceResourceTiming.
  const all = [...navigation, ...resources] as PerformanceResourceTiming[];
  const isScript = ({ name }: PerformanceEntry) => new URL(name).pathname.endsWith(".js");
  const sum = (entries: PerformanceResourceTiming[], of: (entry: PerformanceResourceTiming) => number) =>
    entries.reduce((total, entry) => total + of(entry), 0);
  return {
    scriptsKB: sum(all.filter(isScript), (entry) => entry.encodedBodySize) / 1000,
    kilobytes: sum(all, (entry) => entry.transferSize) / 1000,
    requests: all.length,
  };
}

/** Runs in the page. */
function largestPaint(): Promise<number> {
  return new Promise((resolve) => {
    new PerformanceObserver((list) => resolve(list.getEntries().at(-1)?.startTime ?? Number.NaN)).observe({
      type: "largest-contentful-paint",
      buffered: true,
    });
  });
}

async function visit(page: Page, url: string): Promise<Visit> {
  await page.goto(url);
  await settled(page);
  return { ...(await page.evaluate(measured)), paintMs: await page.evaluate(largestPaint) };
}

type State = Awaited<ReturnType<BrowserContext["storageState"]>>;

async function inNewBrowser<T>(
  browser: Browser,
  state: State | undefined,
  use: (page: Page) => Promise<T>,
): Promise<T> {
  const context = await browser.newContext(state ? { storageState: state } : {});
  try {
    // tsx names the functions that run in the page by a helper of its own.
    await context.addInitScript("globalThis.__name = (given) => given");
    return await use(await context.newPage());
  } finally {
    await context.close();
  }
}

async function stateOf(browser: Browser, site: BenchSite): Promise<State> {
  const context = await browser.newContext({ baseURL: site.url });
  await signInAt(site.url, await context.newPage(), "alice");
  const state = await context.storageState();
  await context.close();
  return state;
}

function verdictsOf(visits: Record<"home" | "warm" | "sessions" | "empty", Visit[]>): Verdict[] {
  const of = (name: keyof typeof visits, what: keyof Visit) => visits[name].map((one) => one[what]);
  const scripts = (name: "home" | "sessions") =>
    atMost(1.5, {
      what: `JavaScript of ${name}`,
      against: "an empty Next app",
      value: median(of(name, "scriptsKB")) / median(of("empty", "scriptsKB")),
      figures: `${median(of(name, "scriptsKB")).toFixed(1)} KB against ${median(of("empty", "scriptsKB")).toFixed(1)} KB`,
    });
  const paint = (name: "home" | "warm", words: string, theirs: number) =>
    atMost(1, {
      what: `largest paint of home, ${words}`,
      against: `JupyterHub's published ${theirs} ms`,
      value: median(of(name, "paintMs")) / theirs,
      figures: `${told(spreadOf(of(name, "paintMs")), " ms")}; an empty Next app here ${told(spreadOf(of("empty", "paintMs")), " ms")}`,
    });
  const weight = median(of("home", "kilobytes"));
  return [
    scripts("home"),
    scripts("sessions"),
    atMost(0.6, {
      what: "weight of home, nothing cached",
      against: `JupyterHub's published ${hub.kilobytes} KB in ${hub.requests} requests`,
      value: weight / hub.kilobytes,
      figures: `${weight.toFixed(0)} KB in ${median(of("home", "requests"))} requests`,
    }),
    paint("home", "nothing cached", hub.coldMs),
    paint("warm", "cached", hub.warmMs),
  ];
}

export async function pages({ site, port, rounds }: Context): Promise<Verdict[]> {
  const empty = startEmptyNext(port + 20);
  const browser = await chromium.launch(shellOptions);
  try {
    await untilFirstPage(`http://127.0.0.1:${port + 20}/`);
    const state = await stateOf(browser, site);
    const visits: Record<"home" | "warm" | "sessions" | "empty", Visit[]> = {
      home: [],
      warm: [],
      sessions: [],
      empty: [],
    };
    const keep = async (name: keyof typeof visits, work: Promise<Visit>) => visits[name].push(await work);
    await interleaved(rounds, {
      home: () =>
        inNewBrowser(browser, state, async (page) => {
          await keep("home", visit(page, site.url + paths.home()));
          return keep("warm", visit(page, site.url + paths.home()));
        }),
      sessions: () =>
        inNewBrowser(browser, state, (page) => keep("sessions", visit(page, site.url + paths.sessions()))),
      empty: () =>
        inNewBrowser(browser, undefined, (page) => keep("empty", visit(page, `http://127.0.0.1:${port + 20}/`))),
    });
    // The first of each was the warm-up.
    for (const list of Object.values(visits)) list.shift();
    return verdictsOf(visits);
  } finally {
    await browser.close();
    await empty.end();
  }
}
