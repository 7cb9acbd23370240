// The front of the HTTP server: sees every request first and gives it to the portal's pages, to the gateway, or to
// nobody. What is malformed or for a host that is not ours goes no further.
import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { cutWithLogin } from "@/lib/gateway/cut-with-login";
import type { Gateway } from "@/lib/gateway/gateway";
import { type Place, placeOf } from "@/lib/gateway/hosts";
import { type PortalPolicy, setPortalHeaders, setTrueHeaders } from "@/lib/gateway/portal-headers";
import { headFault, isWebSocketHandshake, portalFault } from "@/lib/gateway/request-head";
import { cutSlowBody } from "@/lib/gateway/slow-body";
import { answerUpgrade } from "@/lib/gateway/tunnel";
import { type UpgradeKind, upgradeOf } from "@/lib/gateway/upgrades";
import { sendUnknown, unknownEndpoint } from "@/lib/http/unknown-endpoint";
import { metrics } from "@/lib/metrics";
import type { TerminalSockets } from "@/lib/terminals/serve-terminal";

type Pages = (request: IncomingMessage, response: ServerResponse) => Promise<void>;
type DevSocket = (request: IncomingMessage, socket: Duplex, head: Buffer) => Promise<void>;

export type FrontParts = {
  policy: PortalPolicy & { appsHosts: string | string[] };
  /** null where this process does not serve them (PORTAL_ROLES). */
  pages: Pages | null;
  gateway: Gateway | null;
  terminals: TerminalSockets | null;
  /** Next's own upgrades, in development only. */
  devSocket: DevSocket | null;
  onError: (error: unknown) => void;
  /** Time a client has for sending a request's head. Default 10. */
  headSeconds?: number;
  /** Time for a client that still sends when it has its answer. Default 5. */
  restSeconds?: number;
};

const limits = {
  maxHeaderSize: 32 * 1024,
  // Uploads of gigabytes take as long as they take; what does not move is cut by bodyMs (portal) or by its owner.
  requestTimeout: 0,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 1_000,
  // Finds browsers that vanished without a word.
  keepAlive: true,
  keepAliveInitialDelay: 30_000,
  noDelay: true,
  insecureHTTPParser: false,
};
const bodyMs = 30_000;

type Exchange = { request: IncomingMessage; response: ServerResponse };
type Upgrade = { request: IncomingMessage; socket: Duplex; head: Buffer };

/** Refusals carry nothing to frame, load or guess at; some of them come before the portal's own headers are set. */
const inert = {
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
  "X-Frame-Options": "DENY",
  "X-Content-Type-Options": "nosniff",
  "Cache-Control": "no-store",
};

type Refusal = { status: number; sentence: string; allow?: string };

function sendStatus({ request, response }: Exchange, { status, sentence, allow }: Refusal): void {
  if (response.headersSent) return void response.destroy();
  const body = `${sentence}\n`;
  const type = { "Content-Type": "text/plain; charset=utf-8", "Content-Length": Buffer.byteLength(body) };
  // After a refusal nobody reads on: whatever follows on this connection cannot be trusted to be a request.
  const offered = allow ? { Allow: allow } : {};
  response.writeHead(status, STATUS_CODES[status], { ...type, ...inert, ...offered, Connection: "close" });
  response.end(request.method === "HEAD" ? undefined : body);
}

/** An answer given before the body's end leaves the connection to whoever sends that body, a byte at a time, for ever. */
function cutRest({ request, response }: Exchange, seconds = 5): void {
  const { "content-length": length, "transfer-encoding": coding } = request.headers;
  if (length === undefined && coding === undefined) return;
  // Kept, because giving a body up takes the socket from the request, and leaves it open.
  const { socket } = request;
  response.once("finish", () => {
    if (!request.complete) setTimeout(() => request.complete || socket.destroy(), seconds * 1000).unref();
  });
}

/** What lib/route.ts does not see: pages, and the files they need. */
function countPage({ url = "", method }: IncomingMessage, response: ServerResponse): void {
  if (url.startsWith("/api/")) return;
  const route = url.startsWith("/_next/") ? "asset" : "page";
  response.once("finish", () => metrics().requests.inc({ route, method, status: response.statusCode }));
}

async function servePages(parts: FrontParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const written = setPortalHeaders(response, parts.policy);
  const fault = portalFault(request);
  if (fault) return sendStatus({ request, response }, fault);
  if (!parts.pages || request.url?.startsWith("/_next/image")) {
    return sendStatus({ request, response }, { status: 404, sentence: "There is nothing here." });
  }
  // The path itself was checked by headFault().
  const unknown = unknownEndpoint(request.method ?? "", (request.url ?? "").split("?")[0] ?? "");
  if (unknown) return sendUnknown(response, unknown);
  setTrueHeaders(request, parts.policy, written);
  countPage(request, response);
  cutSlowBody(request, response, bodyMs);
  cutWithLogin(request, response);
  await parts.pages(request, response);
}

async function serve(parts: FrontParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  cutRest({ request, response }, parts.restSeconds);
  const fault = headFault(request);
  if (fault) return sendStatus({ request, response }, fault);
  const place = placeOf(request.headers.host ?? "", parts.policy);
  if (place?.kind === "portal") return servePages(parts, request, response);
  if (place && parts.gateway) return parts.gateway.handle({ request, response, place });
  return sendStatus({ request, response }, { status: 421, sentence: "This server does not serve that host." });
}

type Refuse = (status: number, sentence: string) => void;
type AskedUpgrade = { upgrade: Upgrade; place: Place; id: string; refuse: Refuse };

/** Undefined where this process has nobody for it (PORTAL_ROLES, production). */
const takeUpgrade: Record<UpgradeKind, (parts: FrontParts, asked: AskedUpgrade) => Promise<void> | undefined> = {
  app: ({ gateway }, { upgrade, place }) =>
    place.kind === "app" ? gateway?.upgrade({ ...upgrade, place }) : undefined,
  terminal: ({ terminals }, { upgrade, id, refuse }) => terminals?.upgrade(upgrade, id, refuse),
  development: ({ devSocket }, { upgrade: { request, socket, head } }) => devSocket?.(request, socket, head),
};

async function serveUpgrade(parts: FrontParts, upgrade: Upgrade): Promise<void> {
  const { request, socket } = upgrade;
  const refuse: Refuse = (status, sentence) =>
    sendStatus({ request, response: answerUpgrade(request, socket) }, { status, sentence });
  const fault = headFault(request);
  if (fault) return refuse(fault.status, fault.sentence);
  const place = placeOf(request.headers.host ?? "", parts.policy);
  if (!place) return refuse(421, "This server does not serve that host.");
  const asked = upgradeOf(place, request.url ?? "");
  const taken = asked && takeUpgrade[asked.kind](parts, { upgrade, place, id: asked.id, refuse });
  return taken ?? refuse(404, "There is no WebSocket here.");
}

/** The HTTP server, not yet listening. */
export function makeFront(parts: FrontParts): Server {
  const failed = (request: IncomingMessage, response: ServerResponse) => (error: unknown) => {
    parts.onError(error);
    sendStatus({ request, response }, { status: 500, sentence: "The portal could not do this." });
  };
  const headersTimeout = (parts.headSeconds ?? 10) * 1000;
  const server = createServer({ ...limits, headersTimeout, shouldUpgradeCallback: isWebSocketHandshake });
  /** The newest response that is not done, by its socket. */
  const answering = new WeakMap<Duplex, ServerResponse>();
  const noteAnswering = ({ socket }: IncomingMessage, response: ServerResponse) => {
    answering.set(socket, response);
    response.once("close", () => answering.get(socket) === response && answering.delete(socket));
  };
  server.on("request", noteAnswering).on("checkContinue", noteAnswering);
  server.on("request", (request, response) => {
    serve(parts, request, response).catch(failed(request, response));
  });
  // The gateway passes the expectation on; for pages a body may simply come.
  server.on("checkContinue", (request: IncomingMessage, response: ServerResponse) => {
    if (placeOf(request.headers.host ?? "", parts.policy)?.kind === "portal") response.writeContinue();
    serve(parts, request, response).catch(failed(request, response));
  });
  server.on("checkExpectation", (request: IncomingMessage, response: ServerResponse) => {
    sendStatus({ request, response }, { status: 417, sentence: "The only expectation understood is 100-continue." });
  });
  server.on("upgrade", (request: IncomingMessage, socket: Socket, head: Buffer) => {
    socket.on("error", () => socket.destroy());
    // Behind a request that is not answered yet: no browser does that, and the two answers would mix.
    if (answering.has(socket)) return void socket.destroy();
    serveUpgrade(parts, { request, socket, head }).catch((error) => {
      parts.onError(error);
      socket.destroy();
    });
  });
  return server;
}
