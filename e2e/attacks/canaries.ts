// Canaries: texts that are sent wherever a secret travels, before all other attacks, and must not be found anywhere after
// them. Derived from what the runner alone knows, so that no file has to keep them for the search.
import { createHash, randomUUID } from "node:crypto";
import { once } from "node:events";
import WebSocket from "ws";
import { untilState } from "@/e2e/api";
import { enterApp, hostile } from "@/e2e/attacks/hostile-app";
import {
  type Asked,
  apiAs,
  appHost,
  portalHost,
  type Reply,
  send,
  sendRaw,
  siteUnderTest,
  upgrade,
} from "@/e2e/attacks/site";
import { api as paths } from "@/lib/paths";
import type { SessionView } from "@/lib/sessions/schema";
import type { TerminalView } from "@/lib/terminals/schema";

/** As long as what follows `berth_` in a token. */
export function canaryIn(what: string): string {
  const seed = process.env.BERTH_CANARY_SEED;
  if (!seed) throw new Error("BERTH_CANARY_SEED must be set; npm run test:attacks sets it.");
  return `canary${createHash("sha256").update(`${seed} ${what}`).digest("hex")}`.slice(0, 43);
}

/** Answers the canary in `what`, and notes that it is on its way. */
type Planted = (what: string) => string;

const json = { "content-type": "application/json" };
const form = { "content-type": "application/x-www-form-urlencoded" };
const asAlice = () => ({ authorization: `Bearer ${apiAs("alice").secret}` });
const loginCookie = (value: string): string => `__Host-berth-${siteUnderTest().port}=${value}`;

/** Where they end in an error, or are ignored. */
function intoErrors(planted: Planted): Promise<Reply>[] {
  const app = appHost("abcdefghij234567");
  const appCookie = `__Host-berth-app-${siteUnderTest().port}`;
  const password = (what: string) =>
    JSON.stringify({ password: planted(`a password ${what}`), secret: planted(`a secret ${what}`) });
  return [
    send(paths.me(), { headers: { authorization: `Bearer berth_${planted("a token")}` } }),
    send(paths.me(), { headers: { authorization: `Basic ${planted("a password")}` } }),
    send(paths.me(), { headers: { cookie: loginCookie(planted("the login cookie")) } }),
    send("/settings", { headers: { cookie: loginCookie(planted("a page's login cookie")) } }),
    send("/", { host: app, headers: { cookie: `${appCookie}=${planted("an app's cookie")}` } }),
    send(`/.berth/enter?ticket=${planted("a ticket")}`, { host: app }),
    send(`${paths.sessions()}?token=${planted("a query")}`, { headers: asAlice() }),
    send(paths.sessions(), { method: "POST", headers: { ...json, ...asAlice() }, body: password("of a wish") }),
    send(paths.tokens(), {
      method: "POST",
      headers: { ...json, ...asAlice() },
      body: `{"password":"${planted("malformed JSON")}`,
    }),
    send(`/api/auth/callback/oidc?code=${planted("a code")}&state=${planted("a state")}`),
    send("/api/auth/signin/oidc", { method: "POST", headers: json, body: password("of a sign-in") }),
    send(paths.uploads(), {
      method: "POST",
      headers: {
        ...asAlice(),
        "tus-resumable": "1.0.0",
        "upload-metadata": `token ${planted("an upload's metadata")}`,
      },
    }),
    send(paths.fileArchive(), {
      method: "POST",
      headers: { ...form, ...asAlice() },
      body: `cluster=hpc&token=${planted("a form")}`,
    }),
    upgrade(paths.terminalSocket("0".repeat(32)), {
      headers: {
        origin: siteUnderTest().url,
        cookie: loginCookie(planted("the cookie of an upgrade")),
        "sec-websocket-protocol": planted("a socket's protocol"),
      },
    }),
    send(paths.health(), { headers: { "x-api-key": planted("a key"), "x-auth-token": planted("a header") } }),
  ];
}

/** A request of alice's that succeeds, with a stranger's login and key along: what it does must take nothing of them on. */
function alongWith(planted: Planted, what: string, { headers = {}, ...asked }: Asked = {}): Asked {
  const brought = {
    cookie: loginCookie(planted(`the cookie beside ${what}`)),
    "x-api-key": planted(`the key beside ${what}`),
  };
  return { ...asked, headers: { ...asAlice(), ...brought, ...headers } };
}

/** As the first message to a terminal of alice's. Answers all that came back. */
async function intoSocket(planted: Planted): Promise<string> {
  const { id } = await apiAs("alice").must<TerminalView>(paths.terminals(), {
    method: "POST",
    body: { cluster: "hpc" },
  });
  const address = `ws://127.0.0.1:${siteUnderTest().port}${paths.terminalSocket(id)}`;
  const ws = new WebSocket(address, { headers: { ...asAlice(), host: portalHost() } });
  let told = "";
  ws.on("message", (data) => {
    told += String(data);
  });
  await once(ws, "open");
  const place = { viewer: "0".repeat(32), after: null, epoch: null, cols: 80, rows: 24 };
  ws.send(JSON.stringify({ type: "attach", ticket: planted("a terminal's ticket"), ...place }));
  const [code, reason] = await once(ws, "close");
  await send(paths.endTerminal(id), { method: "POST", headers: asAlice() });
  return `${told} ${code} ${reason}`;
}

async function intoSsh(planted: Planted): Promise<Reply> {
  const path = `${paths.files()}?cluster=hpc&path=${encodeURIComponent("/home/alice")}`;
  const reply = await send(path, alongWith(planted, "a question over SSH"));
  if (reply.status !== 200) throw new Error(`alice's files were answered ${reply.status}: ${reply.body}`);
  return reply;
}

/** The session is the one that hostileApp("alice") finds. */
async function intoJobAndApp(planted: Planted): Promise<Reply[]> {
  const wish = { method: "POST", headers: { ...json, "idempotency-key": randomUUID() } };
  const body = JSON.stringify(hostile({ name: "Hostile" }));
  const created = await send(paths.sessions(), alongWith(planted, "a wish for a job", { ...wish, body }));
  if (created.status !== 201) throw new Error(`The wish was answered ${created.status}: ${created.body}`);
  // The endpoint's schema made it.
  const { id } = JSON.parse(created.body) as SessionView;
  await untilState(apiAs("alice"), id, "ready");
  const own = await enterApp(apiAs("alice"), id);
  const headers = {
    cookie: `${own}; ${loginCookie(planted("a login's cookie sent to an app"))}`,
    authorization: `Bearer ${planted("a token sent to an app")}`,
  };
  const served = await send("/", { host: appHost(id), headers });
  // The app tells what it received.
  return [created, served, await send("/_seen", { host: appHost(id), headers: { cookie: own } })];
}

/** Sends one in each place where a secret travels. Answers where they are, and what came back. */
export async function sendCanaries(): Promise<{ sent: string[]; answers: string[] }> {
  const sent: string[] = [];
  const planted = (what: string) => {
    sent.push(what);
    return canaryIn(what);
  };
  const head = `Host: ${portalHost()}\r\nAuthorization: Bearer ${planted("a malformed head")}\r\n`;
  const { text } = await sendRaw(`GET / HTTP/1.1\r\n${head}Broken Header\r\n\r\n`);
  const replies = await Promise.all([...intoErrors(planted), intoSsh(planted)]);
  replies.push(...(await intoJobAndApp(planted)));
  const told = [text, await intoSocket(planted)];
  return { sent, answers: [...replies.map(({ headers, body }) => JSON.stringify(headers) + body), ...told] };
}
