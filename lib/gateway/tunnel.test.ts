import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { forgetOnce } from "@/dev/forget-once";
import {
  alice,
  bob,
  cookieFor,
  dial,
  exchange,
  type Front,
  hostOf,
  sessionOfAlice,
  startFront,
} from "@/dev/test-gateway";
import { metrics } from "@/lib/metrics";

const nothing = () => {};

/** A front whose app echoes WebSocket messages; `headers` are what the app saw. */
async function startEcho() {
  const front = await startFront(nothing);
  const seen: { headers: string[][] } = { headers: [] };
  const sockets = new WebSocketServer({ server: front.appServer, handleProtocols: () => "v1.kernel" });
  sockets.on("connection", (socket, request) => {
    seen.headers.push(request.rawHeaders);
    socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
  });
  return { front, seen, sockets };
}

function open(
  front: Front,
  more: { headers?: Record<string, string>; origin?: string; path?: string } = {},
): WebSocket {
  const host = hostOf(front, sessionOfAlice);
  const headers = { Host: host, Cookie: cookieFor(front, sessionOfAlice, alice), ...more.headers };
  const socket = new WebSocket(`ws://127.0.0.1:${front.port}${more.path ?? "/kernel"}`, "v1.kernel", {
    headers,
    origin: more.origin ?? `http://${host}`,
  });
  return socket;
}

async function refusal(socket: WebSocket): Promise<number | undefined> {
  socket.on("error", nothing);
  const [, response] = await once(socket, "unexpected-response");
  return response.statusCode;
}

describe("a WebSocket", () => {
  it("is counted while it is open, and so are those that were refused", async () => {
    const value = async (name: string) => {
      const text = await metrics().registry.getSingleMetricAsString(name);
      return Object.fromEntries(
        [...text.matchAll(/^\w+(\S*) (\d+)$/gm)].map(([, labels, count]) => [labels, Number(count)]),
      );
    };
    // A WebSocket of an earlier test that closes only now would be taken off the new count.
    await expect.poll(() => value("berth_gateway_open_upgrades"), { timeout: 20_000 }).toEqual({ "": 0 });
    forgetOnce("metrics");
    const { front } = await startEcho();
    const socket = open(front);
    await once(socket, "open");
    await refusal(open(front, { headers: { Cookie: cookieFor(front, sessionOfAlice, bob) } }));
    await expect.poll(() => value("berth_gateway_open_upgrades")).toEqual({ "": 1 });
    expect(await value("berth_gateway_requests_total")).toEqual({
      '{kind="upgrade",outcome="admitted"}': 1,
      '{kind="upgrade",outcome="not-yours"}': 1,
    });
    socket.close();
    await expect.poll(() => value("berth_gateway_open_upgrades")).toEqual({ "": 0 });
  });

  it("echoes small and large messages and ends cleanly", async () => {
    const { front, seen } = await startEcho();
    const socket = open(front, { headers: { Authorization: "canary", "X-Forwarded-User": "canary" } });
    await once(socket, "open");
    expect(socket.protocol).toBe("v1.kernel");
    for (const message of [Buffer.from("hello"), Buffer.alloc(3_000_000, 7)]) {
      socket.send(message);
      const [echo] = await once(socket, "message");
      expect(echo.equals(message)).toBe(true);
    }
    socket.close(1000);
    expect((await once(socket, "close"))[0]).toBe(1000);
    const headers = seen.headers.join(" ");
    expect(headers).toContain("token secret-of-alice");
    expect(headers).not.toMatch(/canary|__Host-berth/);
    await expect.poll(() => front.gateway.count()).toBe(0);
  });

  it.each([
    "http://evil.test",
    "null",
    "https://aaaaaaaaaaaaaaa1.apps.test",
    "http://portal.test",
    "http://bbbbbbbbbbbbbbb1.apps.test",
    "http://aaaaaaaaaaaaaaa1.apps.test.evil",
  ])("from origin %s is refused (C1)", async (origin) => {
    const { front, seen } = await startEcho();
    expect(await refusal(open(front, { origin }))).toBe(403);
    expect(seen.headers).toEqual([]);
  });

  it("without an origin is refused (C1)", async () => {
    const { front } = await startEcho();
    const socket = new WebSocket(`ws://127.0.0.1:${front.port}/`, {
      headers: { Host: hostOf(front, sessionOfAlice), Cookie: cookieFor(front, sessionOfAlice, alice) },
    });
    expect(await refusal(socket)).toBe(403);
  });

  it("needs the cookie, the owner and the login", async () => {
    const { front } = await startEcho();
    expect(await refusal(open(front, { headers: { Cookie: "a=b" } }))).toBe(401);
    expect(await refusal(open(front, { headers: { Cookie: cookieFor(front, sessionOfAlice, bob) } }))).toBe(404);
    front.loggedIn.clear();
    expect(await refusal(open(front))).toBe(401);
  });

  it("that the app refuses gets the app's own answer", async () => {
    const front = await startFront(nothing);
    front.appServer.on("upgrade", (_request, socket) =>
      socket.end("HTTP/1.1 418 Teapot\r\nContent-Length: 2\r\nX-Own: 1\r\n\r\nno"),
    );
    expect(await refusal(open(front))).toBe(418);
  });

  it("to an app that is gone is a 502", async () => {
    const front = await startFront(nothing, { port: 1024 });
    expect(await refusal(open(front))).toBe(502);
  });

  it("does not exist on the portal's own host, nor on a foreign one", async () => {
    const { front } = await startEcho();
    expect(await refusal(open(front, { headers: { Host: "portal.test" }, path: "/_next/hmr" }))).toBe(404);
    expect(await refusal(open(front, { headers: { Host: "evil.test" } }))).toBe(421);
  });

  it("is cut when the login ends, the owner changes or the session ends (B6)", async () => {
    for (const end of [
      (front: Front) => front.loggedIn.delete(alice.via),
      (front: Front) => {
        const session = front.sessions.get(sessionOfAlice);
        if (session) front.sessions.set(sessionOfAlice, { ...session, state: "stopping" });
        front.routes.forget(sessionOfAlice);
      },
    ]) {
      const { front } = await startEcho();
      const socket = open(front);
      await once(socket, "open");
      await front.gateway.sweep();
      expect(socket.readyState).toBe(WebSocket.OPEN);
      end(front);
      const closed = once(socket, "close");
      await front.gateway.sweep();
      expect((await closed)[0]).toBe(1006);
    }
  });

  it("counts what the person sends as use, but not the pongs of a forgotten tab", async () => {
    const { front, sockets } = await startEcho();
    const socket = open(front);
    await once(socket, "open");
    const [inside] = sockets.clients;
    const before = front.activity.length;
    const pong = once(inside as WebSocket, "pong");
    inside?.ping("anyone there");
    await pong;
    expect(front.activity.length).toBe(before);
    socket.send("typing");
    await once(socket, "message");
    expect(front.activity.length).toBeGreaterThan(before);
  });
});

const handshake = (front: Front, more = ""): string =>
  `${[
    "GET /raw HTTP/1.1",
    `Host: ${hostOf(front, sessionOfAlice)}`,
    `Cookie: ${cookieFor(front, sessionOfAlice, alice)}`,
    `Origin: http://${hostOf(front, sessionOfAlice)}`,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  ].join("\r\n")}\r\n${more}\r\n`;

describe("the bytes of a tunnel", () => {
  const switching = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";

  it("sent early on either side are not lost, and each side may end alone", async () => {
    const front = await startFront(nothing);
    front.appServer.on("upgrade", async (_request, socket) => {
      socket.write(`${switching}early from app;`);
      let text = "";
      for await (const chunk of socket.iterator({ destroyOnReturn: false })) text += chunk;
      socket.end(`after the browser's end: ${text}`);
    });
    const socket = dial(front.port);
    socket.end(`${handshake(front)}early from browser`);
    let answer = "";
    for await (const chunk of socket) answer += chunk;
    expect(answer).toContain("early from app;");
    expect(answer).toContain("after the browser's end: early from browser");
  });

  it("wait for a side that does not read", async () => {
    const front = await startFront(nothing);
    let accepted = 0;
    front.appServer.on("upgrade", (_request, socket) => {
      socket.on("error", nothing);
      socket.write(switching);
      const chunk = Buffer.alloc(1 << 20);
      const more = () => {
        while (socket.write(chunk)) accepted += chunk.length;
        accepted += chunk.length;
        socket.once("drain", more);
      };
      more();
    });
    const socket = dial(front.port);
    socket.write(handshake(front));
    await once(socket, "data");
    socket.pause();
    let last = -1;
    // What is in flight fills the buffers of three sockets, then nothing moves any more.
    const isStill = () => {
      const before = last;
      last = accepted;
      return before === last;
    };
    await expect.poll(isStill, { interval: 300, timeout: 10_000 }).toBe(true);
    expect(accepted).toBeLessThan(64 << 20);
    expect(process.memoryUsage().rss).toBeLessThan(1 << 30);
  });

  it("end for the app when the browser vanishes", async () => {
    const front = await startFront(nothing);
    const left = Promise.withResolvers<void>();
    front.appServer.on("upgrade", (_request, socket) => {
      socket.write(switching);
      socket.on("error", nothing);
      socket.resume().once("end", () => left.resolve());
    });
    const socket = dial(front.port);
    socket.write(handshake(front));
    await once(socket, "data");
    socket.resetAndDestroy();
    await left.promise;
    await expect.poll(() => front.gateway.count()).toBe(0);
  });
});

describe("a malformed upgrade (C3)", () => {
  it.each([
    ["a body", "Content-Length: 5\r\n"],
    ["a coding", "Transfer-Encoding: chunked\r\n"],
  ])("with %s is not one", async (_name, more) => {
    const front = await startFront((_request, response) => response.writeHead(426).end());
    const upgraded = once(front.appServer, "upgrade").then(() => "upgraded");
    const answer = exchange(front.port, `${handshake(front, `${more}Connection: close\r\n`)}0\r\n\r\n`);
    expect(await Promise.race([upgraded, answer])).toMatch(/^HTTP\/1\.1 4\d\d/);
  });

  it("in absolute form goes nowhere", async () => {
    const front = await startFront(nothing);
    const text = handshake(front).replace("/raw", "http://169.254.169.254/");
    expect(await exchange(front.port, text)).toMatch(/^HTTP\/1\.1 400/);
  });

  it("to another protocol is answered as an ordinary request", async () => {
    const front = await startFront((request, response) => response.end(`plain ${request.headers.upgrade}`));
    const text = handshake(front, "Connection: close\r\n").replace("Upgrade: websocket", "Upgrade: h2c");
    expect(await exchange(front.port, text)).toContain("plain undefined");
  });
});
