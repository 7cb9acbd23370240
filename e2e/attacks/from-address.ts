// Requests from a network address of one's own. All of 127.0.0.0/8 is this machine, so each file of attacks can have one:
// sign-ins are counted by address, and what one file uses up must not be missing in the next.
import { randomInt } from "node:crypto";
import { request } from "node:http";
import { TestBrowser } from "@/dev/test-browser";
import { siteUnderTest } from "@/e2e/attacks/site";

export const ownAddress = (): string => `127.${randomInt(64, 192)}.${randomInt(256)}.${randomInt(1, 255)}`;

type Sent = { method?: string; headers: Record<string, string | string[]>; body?: Buffer; localAddress: string };

/** One request to this machine; follows nothing. A stream of events is cut after its head. */
export function sendFrom(url: URL, { method = "GET", headers, body, localAddress }: Sent): Promise<Response> {
  const { promise, resolve, reject } = Promise.withResolvers<Response>();
  const to = { host: "127.0.0.1", port: url.port, path: `${url.pathname}${url.search}`, localAddress, agent: false };
  const length = body && body.length > 0 ? { "content-length": String(body.length) } : {};
  const sent = request({ ...to, method, headers: { ...length, ...headers, host: url.host } }, (answer) => {
    const given = new Headers();
    for (let at = 0; at < answer.rawHeaders.length; at += 2) {
      given.append(answer.rawHeaders[at] ?? "", answer.rawHeaders[at + 1] ?? "");
    }
    const status = answer.statusCode ?? 0;
    const done = (text: string | null) => resolve(new Response(text, { status, headers: given }));
    if (given.get("content-type")?.startsWith("text/event-stream")) {
      done("");
      return void answer.destroy();
    }
    let text = "";
    answer.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
    answer.on("end", () => done(text === "" || status === 204 || status === 304 ? null : text));
    answer.on("error", reject);
  });
  sent.on("error", reject);
  sent.end(body);
  return promise;
}

class AddressedBrowser extends TestBrowser {
  constructor(
    origin: string,
    readonly localAddress: string,
  ) {
    super(origin);
  }

  protected override async fetch(url: URL, init: RequestInit): Promise<Response> {
    const asked = new Request(url, init);
    const headers = Object.fromEntries(asked.headers);
    const body = Buffer.from(await asked.arrayBuffer());
    return sendFrom(url, { method: asked.method, headers, body, localAddress: this.localAddress });
  }
}

/** A browser of nobody yet, at an address of its own. */
export const newBrowser = (origin = siteUnderTest().url, address = ownAddress()): TestBrowser =>
  new AddressedBrowser(origin, address);

/** A browser in which `who` is signed in through the real identity provider. */
export async function browserOf(who: string): Promise<TestBrowser> {
  const browser = newBrowser();
  const page = await browser.signIn(who);
  if (page.pathname !== "/") throw new Error(`${who} ended on ${page.href}`);
  return browser;
}
