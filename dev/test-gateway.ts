// For tests: the front of the server with a gateway behind it on a real port, and a real HTTP server as a session's app.
// Only the database is left out: sessions, logins and tickets are given.
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import {
  type AddressInfo,
  connect,
  createServer as createTcpServer,
  type Socket,
  type Server as TcpServer,
} from "node:net";
import { Duplex } from "node:stream";
import { onTestFinished } from "vitest";
import { connectDirectly } from "@/lib/clusters/direct-connection";
import { type AppCookie, type Holder, signAppCookie } from "@/lib/gateway/app-cookie";
import { type FrontParts, makeFront } from "@/lib/gateway/front";
import { makeGateway } from "@/lib/gateway/gateway";
import { appCookieName, wildcardHost } from "@/lib/gateway/hosts";
import { cachedRoutes, type Route } from "@/lib/gateway/routes";
import type { UsedTicket } from "@/lib/gateway/tickets";
import { templateManifest } from "@/lib/templates/schema";

export const alice: Holder = { kind: "user", via: "login-alice", userId: "alice" };
export const bob: Holder = { kind: "user", via: "login-bob", userId: "bob" };
export const sessionOfAlice = "aaaaaaaaaaaaaaa1";
export const sessionOfBob = "bbbbbbbbbbbbbbb1";

const manifest = templateManifest.parse({
  name: "notebook",
  title: "Notebook",
  summary: "For tests",
  version: "1",
  auth: "app",
  secretHeader: { name: "Authorization", value: "token {secret}" },
  health: {},
  open: "/lab?x=1",
});

/** Listens on a free port; closed with everything on it when the test ends. */
export async function listening(server: TcpServer): Promise<number> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => sockets.add(socket).size);
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  // A TCP server's address is never a string.
  return (server.address() as AddressInfo).port;
}

/** An app that is no HTTP server: the port of one that does with each connection as `talk` says. */
export function rawApp(talk: (socket: Socket) => void): Promise<number> {
  return listening(
    createTcpServer((socket) => {
      socket.on("error", () => {});
      talk(socket);
    }),
  );
}

export type Options = Partial<Pick<FrontParts, "pages" | "headSeconds" | "restSeconds">> & {
  appsHosts?: string | string[];
  manifest?: object;
  /** Where sessions answer, instead of a server made of `app`. */
  port?: number;
  /** What carries a connection, instead of the TCP socket itself. */
  carrier?: (socket: Duplex) => Duplex;
};

/** What tests change and look at while the gateway runs. */
export type Given = {
  sessions: Map<string, Route>;
  loggedIn: Set<string>;
  tickets: Map<string, UsedTicket>;
  activity: string[];
};

function given(port: number, options: Options): Given {
  const route = (id: string, ownerId: string): Route => ({
    id,
    ownerId,
    name: `Notebook of ${ownerId}`,
    template: "notebook",
    cluster: "here",
    unixAccount: ownerId,
    state: "ready",
    endDetail: null,
    nodeAddress: "127.0.0.1",
    port,
    connectionId: "1",
    host: null,
    secret: `secret-of-${ownerId}`,
    manifest: { ...manifest, ...options.manifest },
  });
  return {
    sessions: new Map([
      [sessionOfAlice, route(sessionOfAlice, "alice")],
      [sessionOfBob, route(sessionOfBob, "bob")],
    ]),
    loggedIn: new Set([alice.via, bob.via]),
    tickets: new Map(),
    activity: [],
  };
}

/** A carrier as an SSH channel is one: no socket, only a stream's methods, and nothing of it can be borrowed. */
export function asChannel(socket: Duplex): Duplex {
  const duplex = new Duplex({
    allowHalfOpen: true,
    read: () => socket.resume(),
    write: (chunk, _encoding, done) => socket.write(chunk, done),
    final: (done) => socket.end(done),
    destroy: (error, done) => {
      socket.destroy();
      done(error);
    },
  });
  socket.on("data", (chunk) => duplex.push(chunk) || socket.pause());
  socket.once("end", () => duplex.push(null));
  socket.once("error", (error) => duplex.destroy(error));
  return duplex;
}

/** Starts app, gateway and front; all end with the test. */
export async function startFront(app: RequestListener, options: Options = {}) {
  const appServer = createServer(app);
  const appPort = options.port ?? (await listening(appServer));
  const state = given(appPort, options);
  const hosts = { url: "http://portal.test", appsHosts: options.appsHosts ?? "*.apps.test" };
  const routes = cachedRoutes(async (id) => state.sessions.get(id) ?? null);
  const gateway = makeGateway({
    gate: { hosts, routes, isValid: async ({ via }) => state.loggedIn.has(via) },
    clientOf: ({ socket }) => socket.remoteAddress ?? "",
    useTicket: async (ticket) => {
      const found = state.tickets.get(ticket) ?? null;
      state.tickets.delete(ticket);
      return found;
    },
    cookieHours: 1,
    connect: async ({ nodeAddress, port }) => {
      const socket = await connectDirectly(nodeAddress ?? "", port ?? 0);
      return options.carrier ? options.carrier(socket) : socket;
    },
    onActivity: (id) => state.activity.push(id),
    onUnreachable: () => {},
  });
  const server = makeFront({
    policy: { ...hosts, issuer: "http://id.test", production: true, trustedProxies: [] },
    pages: options.pages ?? (async (_request, response) => void response.end("portal page")),
    gateway,
    terminals: null,
    devSocket: null,
    onError: (error) => {
      throw error;
    },
    headSeconds: options.headSeconds,
    restSeconds: options.restSeconds,
  });
  const port = await listening(server);
  onTestFinished(() => gateway.close());
  return { ...state, server, appServer, gateway, routes, port, hosts };
}

export type Front = Awaited<ReturnType<typeof startFront>>;

/** The cookie that opens `sessionId` for `holder`. */
export function cookieFor(
  front: Pick<Front, "hosts">,
  sessionId: string,
  holder: Holder,
  more: Partial<AppCookie> = {},
) {
  const expiresAt = new Date(Date.now() + 60_000);
  return `${appCookieName(front.hosts)}=${signAppCookie({ ...holder, sessionId, expiresAt, ...more })}`;
}

export const hostOf = (front: Pick<Front, "hosts">, sessionId: string): string =>
  wildcardHost(sessionId, front.hosts) ?? "";

/** A connection to the front, closed when the test ends. */
export function dial(port: number): Socket {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  onTestFinished(() => void socket.destroy());
  socket.on("error", () => {});
  return socket;
}

/** Sends bytes and returns everything that comes back until the server closes the connection. */
export async function exchange(port: number, text: string): Promise<string> {
  const socket = dial(port);
  socket.write(text, "latin1");
  let answer = "";
  for await (const chunk of socket) answer += chunk.toString("latin1");
  return answer;
}

/** A request as alice to her own app, closed after the answer. */
export function askApp(front: Front, line: string, headers: string[] = [], body = ""): Promise<string> {
  const head = [
    `${line} HTTP/1.1`,
    `Host: ${hostOf(front, sessionOfAlice)}`,
    `Cookie: ${cookieFor(front, sessionOfAlice, alice)}`,
    "Connection: close",
    ...headers,
  ];
  return exchange(front.port, `${head.join("\r\n")}\r\n\r\n${body}`);
}

/** The status of an answer as it was on the wire. */
export const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]);
/** A header of it. */
export const headerOf = (answer: string, name: string): string | undefined =>
  new RegExp(`^${name}: (.*)\r$`, "mi").exec(answer)?.[1];

/** Asks for a page as a browser without a cookie does, or as `given` says. */
export function ask(
  front: Front,
  given: { host?: string; cookie?: string; path?: string; method?: string; headers?: string[] },
): Promise<string> {
  const lines = [
    `${given.method ?? "GET"} ${given.path ?? "/"} HTTP/1.1`,
    `Host: ${given.host ?? hostOf(front, sessionOfAlice)}`,
    "Accept: text/html",
    "Connection: close",
    ...(given.cookie ? [`Cookie: ${given.cookie}`] : []),
    ...(given.headers ?? []),
  ];
  return exchange(front.port, `${lines.join("\r\n")}\r\n\r\n`);
}

/** The session is now otherwise, and the gateway looks anew. */
export function change(front: Front, patch: Partial<Route>, id = sessionOfAlice): void {
  const session = front.sessions.get(id);
  if (session) front.sessions.set(id, { ...session, ...patch });
  front.routes.forget(id);
}
