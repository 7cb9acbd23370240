// What an attack knows of the portal under attack, and the ways to send it what no browser would: bytes on a socket, and
// requests with any header. `npm run test:attacks` starts the portal and names it in BERTH_SITE.
import "@/dev/test/localhost-names";
import { readFileSync } from "node:fs";
import { type IncomingHttpHeaders, request } from "node:http";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import pg from "pg";
import type { AttackedSite } from "@/dev/test/attack";
import { type Endpoint, pointRelay, relayTarget } from "@/dev/test/login-relay";
import { TestBrowser } from "@/dev/test-browser";
import { type Api, apiOf } from "@/e2e/api";

/** Written by the runner; a suite without it fails rather than skips. */
export function siteUnderTest(): AttackedSite {
  const file = process.env.BERTH_SITE;
  if (!file) throw new Error("BERTH_SITE must name a running site; npm run test:attacks sets it.");
  // The runner wrote it from such a one.
  return JSON.parse(readFileSync(file, "utf8")) as AttackedSite;
}

export const portalHost = (): string => new URL(siteUnderTest().url).host;

/** Host of a session's app: `<id>.apps.berth.localhost:3300`. */
export const appHost = (sessionId: string): string => siteUnderTest().appsHosts.replace("*", sessionId);

export type Reply = { status: number; headers: IncomingHttpHeaders; body: string };
export type Asked = {
  method?: string;
  host?: string;
  headers?: Record<string, string | string[]>;
  body?: string | Buffer;
};

/** One request on a connection of its own; no header is added but Host and Content-Length. Follows nothing. */
export function send(path: string, asked: Asked = {}, triesLeft = 1): Promise<Reply> {
  const { method = "GET", host = portalHost(), headers = {}, body } = asked;
  const { port } = siteUnderTest();
  const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
  return new Promise<Reply>((resolve, reject) => {
    const all = { ...length, ...headers, host };
    const sent = request({ host: "127.0.0.1", port, method, path, headers: all, agent: false }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("error", reject);
      answer.on("end", () =>
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks).toString() }),
      );
    });
    sent.on("upgrade", (answer, socket) => {
      socket.destroy();
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: "" });
    });
    sent.on("error", (error: NodeJS.ErrnoException) => {
      // Refused while most of a large body was still to be sent: then the answer can be lost with the connection.
      const isLarge = body !== undefined && Buffer.byteLength(body) > 65_536;
      if (triesLeft > 0 && isLarge && error.code === "EPIPE") resolve(send(path, asked, triesLeft - 1));
      else reject(error);
    });
    sent.end(body);
  });
}

/** An upgrade request as a browser sends it; 101 means that it got through. The socket is closed at once. */
export function upgrade(path: string, { headers = {}, ...asked }: Omit<Asked, "method" | "body"> = {}): Promise<Reply> {
  const handshake = {
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
  };
  return send(path, { ...asked, headers: { ...handshake, ...headers } });
}

/** Sends bytes as they are; answers what came back until the portal closed, or until `quietMs` passed without a byte. */
export const sendRaw = (bytes: string | Buffer, quietMs = 2000) =>
  sendRawTo({ host: "127.0.0.1", port: siteUnderTest().port }, bytes, quietMs);

/** As sendRaw, to any server. */
export function sendRawTo(
  { host, port }: Endpoint,
  bytes: string | Buffer,
  quietMs = 2000,
): Promise<{ text: string; isClosed: boolean }> {
  return new Promise((resolve) => {
    const socket = connect(port, host);
    let text = "";
    const done = (isClosed: boolean) => {
      socket.destroy();
      resolve({ text, isClosed });
    };
    socket.setTimeout(quietMs, () => done(false));
    socket.on("data", (data) => {
      text += data.toString("latin1");
    });
    socket.on("error", () => done(true));
    socket.on("close", () => done(true));
    socket.on("connect", () => socket.write(bytes));
  });
}

/** A browser that is signed in through the real identity provider, without the pages' JavaScript. */
export async function signedIn(who: string): Promise<TestBrowser> {
  const browser = new TestBrowser(siteUnderTest().url);
  const page = await browser.signIn(who);
  if (page.pathname !== "/") throw new Error(`${who} ended on ${page.href}`);
  return browser;
}

export const cookieHeader = (browser: TestBrowser): string =>
  [...browser.cookies].map(([name, value]) => `${name}=${value}`).join("; ");

/** The API with a token of the person's. */
export function apiAs(who: string): Api {
  const { url, data } = siteUnderTest();
  const tokens: Record<string, string> = JSON.parse(process.env.BERTH_TOKENS ?? "{}");
  return apiOf(who, { url, data }, tokens[who]);
}

/** One a file: hundreds of rows look before and after, and a new connection costs more than the question. */
let database: pg.Pool | null = null;

/** Asks the portal's database, past the portal. */
export async function inDatabase<Row extends pg.QueryResultRow>(sql: string, values: unknown[] = []): Promise<Row[]> {
  database ??= new pg.Pool({ connectionString: siteUnderTest().databaseUrl, max: 4, allowExitOnIdle: true });
  return (await database.query<Row>(sql, values)).rows;
}

/** What the portal has written to its log so far. */
export const portalLog = (): string => readFileSync(siteUnderTest().logFile, "utf8");

/** The portal's own process. */
export const portalPid = (): number => siteUnderTest().pid;

/** What the portal's process holds in memory now. Throws when it is gone. */
export function residentMiB(): number {
  const [, kib] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${portalPid()}/status`, "utf8")) ?? [];
  return Number(kib) / 1024;
}

/** Directs the portal's login node elsewhere; answers how to lead it back. Open connections are cut both times. */
export function swapLoginNode(to: Endpoint): () => void {
  const file = join(dirname(process.env.BERTH_SITE ?? ""), "login-node");
  const before = relayTarget(file);
  pointRelay(file, to);
  return () => pointRelay(file, before);
}
