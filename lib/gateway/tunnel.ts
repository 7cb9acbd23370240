// A WebSocket between browser and app: the handshake is HTTP under the same header rules, what follows is bytes passed
// on as they come, with back-pressure and half-close in both directions.
import { request as httpRequest, type IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { headersForApp, headersFromApp, type RawHeaders, type TowardsApp } from "@/lib/gateway/header-rules";

export type Handshake = {
  request: IncomingMessage;
  socket: Duplex;
  /** What the browser sent beyond its handshake. */
  head: Buffer;
  connection: Duplex;
  towards: TowardsApp;
  /** The browser sent something that is not a mere sign of life. */
  onActivity: () => void;
  onUnreachable: (error: Error) => void;
};

const handshakeMs = 30_000;
/** So long somebody who was refused may take to close: Node's own limits no longer watch a socket that it handed over. */
const goodbyeMs = 5000;

/** An ordinary HTTP answer on a socket that Node has handed over for an upgrade; the connection ends with it. */
export function answerUpgrade(request: IncomingMessage, socket: Duplex): ServerResponse {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  // Upgrades arrive on the sockets of our own net server.
  response.assignSocket(socket as Socket);
  response.once("finish", () => {
    socket.end();
    const late = setTimeout(() => socket.destroy(), goodbyeMs).unref();
    socket.once("close", () => clearTimeout(late));
  });
  return response;
}

/** Masked pong of RFC 6455 section 5.5.3 alone in a chunk: browsers send it by themselves. */
function isPong(chunk: Buffer): boolean {
  return chunk[0] === 0x8a && chunk.length === 6 + ((chunk[1] ?? 0) & 0x7f);
}

/** Joins two connections until both have ended; either one failing ends the other. */
function join(one: Duplex, other: Duplex): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.pipe(to);
    from.once("error", () => to.destroy());
    from.once("close", () => {
      // After a clean end the other direction may still be busy; after a break there is nothing left to say.
      if (!from.readableEnded || !from.writableFinished) to.destroy();
    });
  }
}

function writeSwitching({ socket, towards }: Handshake, answered: IncomingMessage): void {
  const kept = headersFromApp(answered.rawHeaders, towards);
  const headers: RawHeaders = ["Connection", "Upgrade", "Upgrade", "websocket", ...kept];
  const lines: string[] = ["HTTP/1.1 101 Switching Protocols"];
  for (let index = 0; index + 1 < headers.length; index += 2) lines.push(`${headers[index]}: ${headers[index + 1]}`);
  socket.write(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
}

function passRefusal({ request, socket, towards, onUnreachable }: Handshake, answered: IncomingMessage): void {
  const response = answerUpgrade(request, socket);
  try {
    const headers = headersFromApp(answered.rawHeaders, towards);
    response.writeHead(answered.statusCode ?? 502, answered.statusMessage, headers);
  } catch (error) {
    answered.destroy();
    // As in answerUpgrade(): the page that is sent instead needs the socket.
    response.detachSocket(socket as Socket);
    // Node's checks throw errors.
    onUnreachable(error as Error);
    return;
  }
  answered.pipe(response);
  answered.on("error", () => socket.destroy());
}

/** Passes the handshake to the app on `connection`, then every byte. */
export function openTunnel(handshake: Handshake): void {
  const { request, socket, head, connection, towards, onActivity } = handshake;
  const upstream = httpRequest({
    createConnection: () => connection,
    method: "GET",
    path: request.url,
    headers: headersForApp(request.rawHeaders, {
      ...towards,
      extra: ["Connection", "Upgrade", "Upgrade", "websocket"],
    }),
    setHost: false,
  });
  const timer = setTimeout(() => upstream.destroy(new Error("The app did not answer the handshake.")), handshakeMs);
  const cancel = () => upstream.destroy();
  socket.once("close", cancel);
  upstream.once("close", () => clearTimeout(timer));
  upstream.once("upgrade", (answered, appSocket, appHead) => {
    clearTimeout(timer);
    socket.off("close", cancel);
    writeSwitching(handshake, answered);
    if (appHead.length > 0) socket.write(appHead);
    if (head.length > 0) appSocket.write(head);
    socket.on("data", (chunk: Buffer) => !isPong(chunk) && onActivity());
    join(socket, appSocket);
  });
  let refused = false;
  upstream.once("response", (answered) => {
    refused = true;
    passRefusal(handshake, answered);
  });
  upstream.on("error", (error) => {
    if (socket.destroyed || refused) socket.destroy();
    else handshake.onUnreachable(error);
  });
  upstream.end();
}
