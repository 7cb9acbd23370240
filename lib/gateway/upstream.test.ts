// Connections that are no sockets, as SSH channels are: only a stream's methods, and bytes in pieces of its own.
import { once } from "node:events";
import { request } from "node:http";
import { Duplex } from "node:stream";
import { describe, expect, it, onTestFinished } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { alice, asChannel, askApp, cookieFor, hostOf, sessionOfAlice, startFront } from "@/dev/test-gateway";
import { appAgent, isCrowded } from "@/lib/gateway/upstream";

const made: Duplex[] = [];

function channel(socket: Duplex): Duplex {
  const duplex = asChannel(socket);
  made.push(duplex);
  return duplex;
}

describe("over a channel that is no socket", () => {
  it("requests share a kept connection, and bodies pass", async () => {
    const ports = new Set<number | undefined>();
    const front = await startFront(
      (request, response) => {
        ports.add(request.socket.remotePort);
        response.writeHead(200, { "Content-Length": request.headers["content-length"] });
        request.pipe(response);
      },
      { carrier: channel },
    );
    const body = "x".repeat(300_000);
    for (let count = 0; count < 3; count += 1) {
      const answer = await askApp(front, "POST /", [`Content-Length: ${body.length}`], body);
      expect(answer.endsWith(`\r\n\r\n${body}`)).toBe(true);
    }
    expect(ports.size).toBe(1);
  });

  it("an idle connection ends when the app said it would, and the next request gets another", async () => {
    const front = await startFront((_request, response) => response.end("ok"), { carrier: channel });
    front.appServer.keepAliveTimeout = 1_500;
    expect(await askApp(front, "GET /")).toContain("ok");
    const kept = made.at(-1);
    await expect.poll(() => kept?.destroyed, { timeout: 10_000 }).toBe(true);
    expect(await askApp(front, "GET /")).toContain("ok");
  });

  it("what the app closed while it was idle takes no other request's body", async () => {
    const front = await startFront((request, response) => request.pipe(response), { carrier: channel });
    const post = () => askApp(front, "POST /", ["Content-Length: 4"], "body");
    expect(await post()).toContain("body");
    const kept = made.at(-1);
    front.appServer.closeIdleConnections();
    await expect.poll(() => kept?.destroyed, { timeout: 10_000 }).toBe(true);
    expect(await post()).toContain("body");
  });

  it("WebSockets pass", async () => {
    const front = await startFront(() => {}, { carrier: channel });
    new WebSocketServer({ server: front.appServer }).on("connection", (socket) =>
      socket.on("message", (data) => socket.send(data)),
    );
    const host = hostOf(front, sessionOfAlice);
    const headers = { Host: host, Cookie: cookieFor(front, sessionOfAlice, alice) };
    const socket = new WebSocket(`ws://127.0.0.1:${front.port}/`, { headers, origin: `http://${host}` });
    await once(socket, "open");
    socket.send(Buffer.alloc(1_000_000, 3));
    const [echo] = await once(socket, "message");
    expect(echo.length).toBe(1_000_000);
    socket.close();
    await expect.poll(() => front.gateway.count()).toBe(0);
  });
});

it("nobody waits any more where 256 do, of whom some may have given up", async () => {
  const silent = async () => new Duplex({ read: () => {}, write: (_chunk, _encoding, done) => done() });
  const agent = appAgent(silent, { manifest: { auth: "app" }, secret: "" });
  onTestFinished(() => agent.destroy());
  const ask = () => request({ agent }).on("error", () => {});
  const busy = Array.from({ length: 256 }, ask);
  await Promise.all(busy.map((one) => one.end() && once(one, "socket")));
  const waiting = Array.from({ length: 255 }, ask);
  expect(isCrowded(agent)).toBe(false);
  waiting.push(ask());
  for (const one of waiting) one.destroy();
  expect(isCrowded(agent)).toBe(true);
});
