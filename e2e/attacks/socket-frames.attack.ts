// Malformed upgrades and frames. The gateway passes frames on as bytes and opens none, so what must hold is that a handshake
// that is none gets no further, that nothing piles up in memory, and that the process stays.
import { connect, type Socket } from "node:net";
import { deflateRawSync } from "node:zlib";
import { afterEach, beforeAll, expect, it } from "vitest";
import { type HostileApp, hostileApp } from "@/e2e/attacks/hostile-app";
import { plantTerminal } from "@/e2e/attacks/planted-rows";
import { portalHost, residentMiB, send, sendRaw, siteUnderTest } from "@/e2e/attacks/site";
import { api as paths } from "@/lib/paths";

let app: HostileApp;
let terminal: string;
beforeAll(async () => {
  app = await hostileApp("alice");
  terminal = await plantTerminal("alice");
});

const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

const key = "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n";
const version = "Sec-WebSocket-Version: 13\r\n";
const upgrading = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
const asApp = () => `Host: ${app.host}\r\nCookie: ${app.cookie}\r\nOrigin: http://${app.host}\r\n`;
const asPortal = () => `Host: ${portalHost()}\r\nOrigin: ${siteUnderTest().url}\r\n`;

const handshakes: [string, line: string, headers: string][] = [
  ["without a key", "GET /c3 HTTP/1.1", upgrading + version],
  ["with a key that is none", "GET /c3 HTTP/1.1", `${upgrading}${version}Sec-WebSocket-Key: short\r\n`],
  ["without a version", "GET /c3 HTTP/1.1", upgrading + key],
  ["of another version", "GET /c3 HTTP/1.1", `${upgrading}${key}Sec-WebSocket-Version: 99999999999\r\n`],
  ["by POST", "POST /c3 HTTP/1.1", `${upgrading}${version}${key}Content-Length: 0\r\n`],
  ["with an absolute-form target", "GET http://169.254.169.254/c3 HTTP/1.1", upgrading + version + key],
  ["with an authority as target", "GET evil.example:80 HTTP/1.1", upgrading + version + key],
  ["with * as target", "GET * HTTP/1.1", upgrading + version + key],
  ["of HTTP/1.0", "GET /c3 HTTP/1.0", upgrading + version + key],
  ["to h2c", "GET /c3 HTTP/1.1", "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"],
  ["to nothing", "GET /c3 HTTP/1.1", "Connection: Upgrade\r\nUpgrade:\r\n"],
  ["with a key of 40 KB", "GET /c3 HTTP/1.1", `${upgrading}${version}Sec-WebSocket-Key: ${"a".repeat(40_000)}\r\n`],
  ["with a NUL in its path", "GET /c3\0 HTTP/1.1", upgrading + version + key],
];

/** 4xx or closed, and for the portal never an upgrade; an app may still answer what is a plain request to it. */
it.each(handshakes)("C3 an upgrade %s opens nothing on the portal's host", async (_name, line, headers) => {
  const { text } = await sendRaw(`${line}\r\n${asPortal()}${headers}\r\n`);
  expect(text).toMatch(/^(HTTP\/1\.1 [24]\d\d |$)/);
  expect(text).not.toContain("HTTP/1.1 200");
});

it.each(handshakes)("C3 an upgrade %s opens nothing on an app's host", async (_name, line, headers) => {
  const { text } = await sendRaw(`${line}\r\n${asApp()}${headers}\r\n`);
  expect(text).not.toContain(" 101 ");
});

/** The one upgrade that the portal's host has, asked for by its owner. */
async function askForTerminal(line: string, headers: string): Promise<string> {
  const login = `Authorization: Bearer ${app.api.secret}\r\n`;
  const target = line.replace("/c3", paths.terminalSocket(terminal));
  return (await sendRaw(`${target}\r\n${asPortal()}${login}${headers}\r\n`)).text;
}

it.each(handshakes)("C3 an upgrade %s opens no terminal of one's own", async (_name, line, headers) => {
  expect(await askForTerminal(line, headers)).toMatch(/^HTTP\/1\.1 4\d\d /);
});

it("C3 a well-formed upgrade opens it: the rows above are refused for what is wrong with theirs", async () => {
  expect(await askForTerminal("GET /c3 HTTP/1.1", upgrading + version + key)).toMatch(/^HTTP\/1\.1 101 /);
});

it.each(["/", "/api/events", "/_next/hmr", "/_next/webpack-hmr", "/api/terminals/x", "/?host=169.254.169.254&port=22"])(
  "C3 the portal's host has no WebSocket, with or without a login: %s",
  async (path) => {
    const login = `Authorization: Bearer ${app.api.secret}\r\n`;
    for (const more of ["", login]) {
      const { text, isClosed } = await sendRaw(
        `GET ${path} HTTP/1.1\r\n${asPortal()}${more}${upgrading}${version}${key}\r\n`,
      );
      expect(text).toMatch(/^HTTP\/1\.1 404 /);
      expect(isClosed).toBe(true);
    }
  },
);

/** A WebSocket to the app that is open when this resolves. */
function openTunnel(path: string): Promise<Socket> {
  const socket = connect(siteUnderTest().port, "127.0.0.1");
  sockets.push(socket);
  socket.on("error", () => {});
  socket.write(`GET ${path} HTTP/1.1\r\n${asApp()}${upgrading}${version}${key}\r\n`);
  return new Promise((resolve, reject) => {
    socket.once("close", () => reject(new Error("closed")));
    socket.once("data", (data) => {
      if (data.toString("latin1").startsWith("HTTP/1.1 101 ")) resolve(socket);
      else reject(new Error(data.toString("latin1").slice(0, 200)));
    });
  });
}

/** RFC 6455 section 5.2, masked with zeros. `length` may promise more than comes. */
function frame(first: number, payload: Buffer, length = payload.length): Buffer {
  const head = Buffer.alloc(14);
  head[0] = first;
  head[1] = 0xff;
  head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, payload]);
}

/** Writes until the other side has taken all, or has taken nothing for a second. Answers how many bytes it took. */
async function pour(socket: Socket, bytes: Buffer, times: number): Promise<number> {
  const start = socket.bytesWritten;
  const taken = () => socket.bytesWritten - start - socket.writableLength;
  for (let count = 0; count < times && !socket.destroyed; count += 1) {
    if (socket.write(bytes)) continue;
    const { promise, resolve } = Promise.withResolvers<"drained" | "stuck">();
    const stuck = setTimeout(() => resolve("stuck"), 1000);
    socket.once("drain", () => resolve("drained"));
    const how = await promise;
    clearTimeout(stuck);
    if (how === "stuck") break;
  }
  return taken();
}

const small = Buffer.from("x");
const fragments = Buffer.concat([frame(0x01, small), ...Array.from({ length: 1000 }, () => frame(0x00, small))]);
const bomb = deflateRawSync(Buffer.alloc(64 << 20));
const gigabyte = Buffer.concat([frame(0x82, small, 1 << 30), Buffer.alloc(1 << 20)]);

const floods: [string, path: string, bytes: () => Buffer, times: number][] = [
  ["100,000 fragments of a message that never ends", "/_socket", () => fragments, 100],
  ["100,000 fragments to an app that reads none", "/_deaf", () => fragments, 100],
  ["a frame of 1 GB to an app that reads none", "/_deaf", () => gigabyte, 400],
  ["a frame header of 2^63 bytes", "/_socket", () => frame(0x82, small, 2 ** 53), 1],
  ["bytes that are not UTF-8", "/_socket", () => frame(0x81, Buffer.from([0xc3, 0x28, 0xff, 0xfe])), 1000],
  ["a compression bomb of 64 MB", "/_socket", () => frame(0xc1, bomb), 20],
  ["frames with reserved bits and opcodes", "/_socket", () => frame(0xff, small), 10_000],
  ["no frames but an HTTP request", "/_socket", () => Buffer.from("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), 10],
];

it.each(floods)("C3 %s neither ends the portal nor fills its memory", async (_name, path, bytes, times) => {
  // The first time, code is compiled and buffers are made that stay.
  await pour(await openTunnel(path), bytes(), Math.min(times, 20));
  for (const socket of sockets.splice(0)) socket.destroy();
  const before = residentMiB();
  const flooded = await Promise.all(Array.from({ length: 4 }, () => openTunnel(path)));
  const taken = await Promise.all(flooded.map((socket) => pour(socket, bytes(), times)));
  if (path === "/_deaf") expect(Math.max(...taken)).toBeLessThan(32 << 20);
  // What is kept for a peer that does not read would be hundreds: four times 400 MB of the frame, 5 GB of the bomb. The
  // rest is a heap that has grown with the portal's other work and has not been swept yet.
  await expect.poll(() => residentMiB() - before, { timeout: 20_000, interval: 500 }).toBeLessThan(96);
  expect((await send("/api/health")).status).toBe(200);
});
