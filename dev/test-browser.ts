// For tests: what a browser does when somebody signs in, one request at a time, so that a test can tamper with any of them.
const LONGEST_WAY = 12;

export class TestBrowser {
  /** Cookies ignore ports: portal and provider on localhost share this. */
  readonly cookies = new Map<string, string>();
  /** Every Set-Cookie as it came, for its flags. */
  readonly setCookies: string[] = [];

  constructor(readonly origin: string) {}

  async send(address: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (!headers.has("cookie")) {
      headers.set("cookie", [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; "));
    }
    if (!headers.has("sec-fetch-site")) headers.set("sec-fetch-site", "same-origin");
    const response = await this.fetch(new URL(address, this.origin), { ...init, headers, redirect: "manual" });
    for (const line of response.headers.getSetCookie()) this.keep(line);
    return response;
  }

  /** For tests that send by another way, such as from another address. */
  protected fetch(url: URL, init: RequestInit): Promise<Response> {
    return fetch(url, init);
  }

  post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
    const all = { "content-type": "application/json", ...headers };
    return this.send(path, { method: "POST", headers: all, body: JSON.stringify(body) });
  }

  private keep(line: string): void {
    this.setCookies.push(line);
    const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    const ended = /max-age=0|expires=Thu, 01 Jan 1970/i.test(line) || value === "";
    if (ended) this.cookies.delete(name);
    else this.cookies.set(name, value);
  }

  /** Presses the sign-in button; answers where it leads: the provider's address, or a page of ours that says why not. */
  async begin(callbackUrl = "/"): Promise<string> {
    const answer = await this.submit("/api/auth/signin/oidc", { callbackUrl });
    const page = await answer.text();
    const refreshed = /http-equiv="refresh" content="0;url=([^"]+)"/.exec(page)?.[1];
    const decoded = refreshed?.replace(/&#(\d+);/g, (_all, code) => String.fromCharCode(Number(code)));
    return decoded ?? answer.headers.get("location") ?? `status ${answer.status}`;
  }

  /** Sends a form of a page. */
  submit(path: string, fields: Record<string, string>, headers: Record<string, string> = {}): Promise<Response> {
    return this.send(path, { method: "POST", headers, body: new URLSearchParams(fields) });
  }

  /** Follows redirects from `address` until one leads to a path of the portal that `until` accepts, and does not go there. */
  async follow(address: string, until: (url: URL) => boolean): Promise<URL> {
    let url = new URL(address, this.origin);
    for (let step = 0; step < LONGEST_WAY && !until(url); step += 1) {
      const response = await this.send(url.href);
      const location = response.headers.get("location");
      if (!location) return url;
      url = new URL(location, url);
    }
    return url;
  }

  isCallback = (url: URL): boolean => url.origin === this.origin && url.pathname === "/api/auth/callback/oidc";
  isPage = (url: URL): boolean => url.origin === this.origin && !url.pathname.startsWith("/api/");

  /** Chooses `account` on the provider's page; answers the callback address, not yet visited. */
  async choose(address: string, account: string): Promise<URL> {
    const page = await this.follow(address, (url) => url.pathname.startsWith("/interaction/") || this.isCallback(url));
    if (this.isCallback(page)) return page;
    const body = new URLSearchParams({ account });
    const chosen = await this.send(page.href, { method: "POST", body });
    return this.follow(new URL(chosen.headers.get("location") ?? "/", page).href, this.isCallback);
  }

  /** Signs in wholly; answers the page one ends on. */
  async signIn(account: string, callbackUrl = "/"): Promise<URL> {
    const callback = await this.choose(await this.begin(callbackUrl), account);
    return this.follow(callback.href, this.isPage);
  }
}
